/** Hands a file over to the browser, which stores it and does not open it. */
export function saveFile(content: Blob, name: string) {
  const at = URL.createObjectURL(content);
  const link = document.createElement('a');
  link.href = at;
  link.download = name;
  link.click();
  URL.revokeObjectURL(at);
}
