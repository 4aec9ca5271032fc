import { Alert, Button, Group, Skeleton, Stack, Text, Title } from '@mantine/core';
import { IconAlertTriangle, IconRefresh } from '@tabler/icons-react';
import { useTranslation } from 'react-i18next';

import { ApiError } from '../api/client';
import { useErrorText } from './errors';

/** What went wrong, what to do about it, and a way to try again. */
export function ErrorState({ error, retry }: { error: unknown; retry?: (() => void) | undefined }) {
  const { t } = useTranslation();
  const text = useErrorText()(error);
  return (
    <Alert
      color="red"
      variant="light"
      icon={<IconAlertTriangle size={18} />}
      title={text.title}
      role="alert"
      styles={{
        root: { background: 'var(--la-critical-bg)', border: '1px solid var(--la-critical-bar)' },
        title: { color: 'var(--la-critical)' },
        icon: { color: 'var(--la-critical)' },
        message: { color: 'var(--mantine-color-text)' },
      }}
    >
      <Text size="sm">{text.remedy}</Text>
      {error instanceof ApiError && error.detail && text.title !== error.detail && (
        <Text size="xs" className="la-dim la-wrap" mt={4}>
          {error.detail}
        </Text>
      )}
      {retry && (
        <Button mt="xs" size="xs" variant="default" leftSection={<IconRefresh size={14} />} onClick={retry}>
          {t('action.retry')}
        </Button>
      )}
    </Alert>
  );
}

interface EmptyProps {
  icon: React.ReactNode;
  title: string;
  text: string;
  children?: React.ReactNode;
}

/** Nothing here, and what to do so that there is something. */
export function EmptyState({ icon, title, text, children }: EmptyProps) {
  return (
    <Stack align="center" gap={6} py={36} px="md" maw={720} mx="auto" ta="center">
      <div className="la-dim">{icon}</div>
      <Title order={3}>{title}</Title>
      <Text size="sm" className="la-dim">
        {text}
      </Text>
      {children && (
        <Stack gap="xs" w="100%" mt="xs" ta="left">
          {children}
        </Stack>
      )}
    </Stack>
  );
}

export function Rows({ count = 6, height = 18 }: { count?: number; height?: number }) {
  return (
    <Stack gap={10} p="sm" aria-hidden="true">
      {Array.from({ length: count }, (_, i) => (
        <Group key={i} gap="sm" wrap="nowrap">
          <Skeleton height={height} width="14%" />
          <Skeleton height={height} width={`${String(40 + ((i * 17) % 35))}%`} />
          <Skeleton height={height} width="10%" />
        </Group>
      ))}
    </Stack>
  );
}
