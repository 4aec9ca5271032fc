import { PageHeader } from '../ui/PageHeader';
import page from '../ui/page.module.css';
import { List, type ListProps } from './List';

export type { BulkAction, Column } from './List';

interface Props<T> extends Omit<ListProps<T>, 'label'> {
  title: string;
  /** The list's own name where it is not the page's. */
  label?: string;
  /** Buttons beside the title: the one thing to add, the way to related pages. */
  tools?: React.ReactNode;
  /** What stands between the title and the list. */
  children?: React.ReactNode;
}

/** A page that is a list. */
export function ListPage<T>({ title, tools, children, label = title, ...list }: Props<T>) {
  return (
    <div className={page.page} data-full>
      <PageHeader title={title}>{tools}</PageHeader>
      {children}
      <List label={label} {...list} />
    </div>
  );
}
