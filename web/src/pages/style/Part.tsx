import { Title } from '@mantine/core';

import css from './style.module.css';

export function Part({ title, children }: { title: string; children: React.ReactNode }) {
  return (
    <div className={css.part}>
      <Title order={2}>{title}</Title>
      {children}
    </div>
  );
}
