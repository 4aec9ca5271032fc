/** A key as it is printed on the keyboard; several are pressed in turn. */
export function Kbd({ of }: { of: string }) {
  return of.split(' ').map((key) => (
    <kbd key={key} className="la-kbd">
      {key}
    </kbd>
  ));
}
