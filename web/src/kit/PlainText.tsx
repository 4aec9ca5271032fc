import css from './kit.module.css';

/** What somebody wrote, as written: lines and spaces kept, nothing read as markup or as a link. */
export function PlainText({ text }: { text: string }) {
  return <p className={css.plain}>{text}</p>;
}
