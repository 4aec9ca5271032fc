import { Group, Title } from '@mantine/core';
import { useEffect } from 'react';
import { useTranslation } from 'react-i18next';

export function usePageTitle(title: string) {
  const { t } = useTranslation();
  useEffect(() => {
    document.title = `${title} · ${t('app.name')}`;
  }, [title, t]);
}

export function PageHeader({ title, children }: { title: string; children?: React.ReactNode }) {
  usePageTitle(title);
  return (
    <Group justify="space-between" gap="xs" mb="sm" mih={34}>
      <Title order={1}>{title}</Title>
      {children && <Group gap="xs">{children}</Group>}
    </Group>
  );
}
