// What a chart says of the place that is pointed at. It is built of elements: the
// content security policy takes no HTML text and no style written in one.

export interface TipLine {
  /** Of the mark that the line belongs to. */
  colour?: string | undefined;
  name?: string | undefined;
  value?: string | undefined;
  /** After the value, lighter. */
  more?: string | undefined;
}

/** A head, if there is one, and a line for each thing at that place. */
export function chartTip(head: string, lines: TipLine[] = [], strong = false): HTMLElement {
  const tip = document.createElement('div');
  if (head !== '') {
    const title = document.createElement(strong ? 'b' : 'div');
    title.textContent = head;
    tip.append(title);
  }
  for (const line of lines) {
    const row = document.createElement('div');
    if (line.colour !== undefined) {
      const dot = document.createElement('span');
      Object.assign(dot.style, {
        display: 'inline-block',
        width: '10px',
        height: '10px',
        borderRadius: '10px',
        marginRight: '5px',
        backgroundColor: line.colour,
      });
      row.append(dot);
    }
    if (line.name !== undefined) row.append(`${line.name} `);
    if (line.value !== undefined) {
      const value = document.createElement('b');
      value.textContent = line.value;
      row.append(value);
    }
    if (line.more !== undefined) row.append(` ${line.more}`);
    tip.append(row);
  }
  return tip;
}
