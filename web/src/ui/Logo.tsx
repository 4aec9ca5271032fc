/** The shield with a leaf: "lá chắn" is a shield, "lá" also a leaf. */
export function Logo({ size = 28 }: { size?: number }) {
  return (
    <svg viewBox="0 0 32 32" width={size} height={size} aria-hidden="true" focusable="false">
      <path d="M16 2 27.5 6.2v8.6c0 7.2-4.6 12.4-11.5 15.2C9.1 27.2 4.5 22 4.5 14.8V6.2Z" fill="#0d7d6f" />
      <path
        d="M16 25.5V12.5M16 20l4.6-4.1M16 16.8l-3.9-3.4"
        fill="none"
        stroke="#fff"
        strokeWidth="1.8"
        strokeLinecap="round"
      />
      <path
        d="M16 7.2c3.6 2.5 6.2 5.7 6.2 9.5 0 3.9-2.6 6.9-6.2 8.8-3.6-1.9-6.2-4.9-6.2-8.8 0-3.8 2.6-7 6.2-9.5Z"
        fill="none"
        stroke="#fff"
        strokeWidth="1.8"
        strokeLinejoin="round"
      />
    </svg>
  );
}
