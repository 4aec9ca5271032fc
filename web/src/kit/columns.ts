// The columns of a list and the order a reader asked for: "name" is ascending,
// "-name" descending, as the address keeps it.

export interface Column<T> {
  id: string;
  name: string;
  cell: (item: T) => React.ReactNode;
  /** Below the cell, outside of what opens the row: more about it, with links and buttons of its own. */
  under?: (item: T) => React.ReactNode;
  /** Opens the row: exactly one column of a list. */
  main?: boolean;
  /** Makes the column one to sort by, here. */
  compare?: (a: T, b: T) => number;
  /** Makes the column one to sort by where the server does it. */
  sortable?: boolean;
  /** The order the first press gives: the greatest first, as for counts and times. */
  greatestFirst?: boolean;
  /** Figures stand under each other. */
  number?: boolean;
  /** Left out on screens narrower than this. */
  from?: 'sm' | 'md' | 'lg';
  /** The name is for those who hear the page only. */
  hiddenName?: boolean;
}

export function sortOf(sort: string | undefined): { id: string; descending: boolean } | undefined {
  if (!sort) return undefined;
  return sort.startsWith('-') ? { id: sort.slice(1), descending: true } : { id: sort, descending: false };
}

/** What a press on a column's name asks for next. */
export function nextSort<T>(column: Column<T>, sort: string | undefined): string {
  const current = sortOf(sort);
  const descending = current?.id === column.id ? !current.descending : column.greatestFirst === true;
  return descending ? `-${column.id}` : column.id;
}

/** The items in the asked order; as they came where no column knows it. */
export function sorted<T>(items: readonly T[], columns: readonly Column<T>[], sort: string | undefined): readonly T[] {
  const asked = sortOf(sort);
  const compare = columns.find((column) => column.id === asked?.id)?.compare;
  if (!asked || !compare) return items;
  return [...items].sort((a, b) => (asked.descending ? compare(b, a) : compare(a, b)));
}
