/** Loads a part together with the styles that only come after the first load. */
export async function withRest<T>(load: () => Promise<T>): Promise<T> {
  const [part] = await Promise.all([load(), import('./rest')]);
  return part;
}
