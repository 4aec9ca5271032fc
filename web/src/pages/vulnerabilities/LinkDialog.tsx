import { Select, Text } from '@mantine/core';
import { useMutation, useQuery, useQueryClient } from '@tanstack/react-query';
import { useState } from 'react';
import { useTranslation } from 'react-i18next';

import { call } from '../../api/client';
import { findingsChanged, linkFinding } from '../../api/vulnerabilityQueries';
import { useMay } from '../../app/session';
import { Form } from '../../kit/Form';
import { Dialog } from '../../ui/Dialog';

interface Matter {
  id: string;
  code: string;
  title: string;
}

const most = 30;

/** Ties a finding to an incident or an early warning. */
export function LinkDialog({ id, onClose }: { id: string; onClose: () => void }) {
  const { t } = useTranslation('vulnerabilities');
  const client = useQueryClient();
  const may = useMay();
  const [q, setQ] = useState('');
  const [chosen, setChosen] = useState<string | null>(null);
  const matters = (kind: 'incident' | 'warning', allowed: boolean) => ({
    queryKey: [`${kind}s`, 'to-link', q],
    queryFn: ({ signal }: { signal: AbortSignal }) => call<{ items: Matter[] }>(`/${kind}s`, { query: { q, limit: most }, signal }),
    enabled: allowed,
  });
  const incidents = useQuery(matters('incident', may('incident.read'))).data?.items ?? [];
  const warnings = useQuery(matters('warning', may('warning.oversee'))).data?.items ?? [];
  const save = useMutation({
    mutationFn: () => {
      const [kind, subject = ''] = (chosen ?? '').split(':');
      return linkFinding(id, kind === 'warning' ? 'warning' : 'incident', subject);
    },
    onSuccess: () => {
      void findingsChanged(client);
      onClose();
    },
  });
  const option = (kind: string) => (m: Matter) => ({ value: `${kind}:${m.id}`, label: `${m.code} ${m.title}`.trim() });
  return (
    <Dialog opened onClose={onClose} title={t('link')}>
      <Form
        error={save.error}
        submit={t('link')}
        busy={save.isPending}
        disabled={chosen === null}
        onCancel={onClose}
        onSubmit={() => {
          save.mutate();
        }}
      >
        <Text size="sm">{t('linkText')}</Text>
        <Select
          label={t('linkPick')}
          placeholder={t('linkFind')}
          searchable
          data-autofocus
          searchValue={q}
          onSearchChange={setQ}
          data={[
            { group: t('linked.incident'), items: incidents.map(option('incident')) },
            { group: t('linked.warning'), items: warnings.map(option('warning')) },
          ]}
          value={chosen}
          onChange={setChosen}
        />
      </Form>
    </Dialog>
  );
}
