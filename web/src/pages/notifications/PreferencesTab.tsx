import { Fieldset, Group, MultiSelect, Select, Switch, Text, TextInput } from '@mantine/core';
import '@mantine/core/styles/Fieldset.css';
import '@mantine/core/styles/Pill.css';
import '@mantine/core/styles/PillsInput.css';
import { useMutation, useQuery, useQueryClient } from '@tanstack/react-query';
import { useState } from 'react';
import { useTranslation } from 'react-i18next';

import { call } from '../../api/client';
import { kindsQuery, type Preferences, preferencesQuery } from '../../api/notificationQueries';
import { Form } from '../../kit/Form';
import { ErrorState, Rows } from '../../ui/State';
import { toast } from '../../ui/toast';

function PreferencesForm({ known }: { known: Preferences }) {
  const { t, i18n } = useTranslation('notifications');
  const client = useQueryClient();
  const kinds = useQuery(kindsQuery).data?.items ?? [];
  const [p, setP] = useState(known);
  const set = (part: Partial<Preferences>) => {
    setP((old) => ({ ...old, ...part }));
  };
  const save = useMutation({
    mutationFn: () => call<Preferences>('/notifications/preferences', { method: 'PUT', body: p }),
    onSuccess: (next) => {
      client.setQueryData(preferencesQuery.queryKey, next);
      setP(next);
      toast({ message: t('saved') });
    },
  });
  return (
    <div style={{ maxWidth: 620 }}>
      <Form
        error={save.error}
        submit={t('save')}
        busy={save.isPending}
        onSubmit={() => {
          save.mutate();
        }}
      >
        <Select
          label={t('language')}
          data={[
            { value: 'vi', label: t('vietnamese') },
            { value: 'en', label: 'English' },
          ]}
          value={p.language}
          allowDeselect={false}
          onChange={(value) => {
            set({ language: value === 'en' ? 'en' : 'vi' });
          }}
        />
        {(['mail', 'chat'] as const).map((kind) => (
          <TextInput
            key={kind}
            label={t('address', { kind: t(`kinds.${kind}`).toLowerCase() })}
            value={p.address[kind] ?? ''}
            onChange={(event) => {
              set({ address: { ...p.address, [kind]: event.currentTarget.value.trim() } });
            }}
          />
        ))}
        <MultiSelect
          label={t('muted')}
          description={t('mutedText')}
          searchable
          data={kinds.map((k) => ({ value: k.kind, label: i18n.language === 'vi' ? k.vi : k.en }))}
          value={p.muted}
          onChange={(muted) => {
            set({ muted });
          }}
        />
        <Fieldset legend={t('quiet')}>
          <Text size="sm" className="la-dim" mb="xs">
            {t('quietText')}
          </Text>
          <Group grow>
            {(['from', 'to'] as const).map((end) => (
              <TextInput
                key={end}
                label={t(end === 'from' ? 'quietFrom' : 'quietTo')}
                placeholder={end === 'from' ? '22:00' : '06:00'}
                value={p.quiet[end]}
                onChange={(event) => {
                  set({ quiet: { ...p.quiet, [end]: event.currentTarget.value.trim() } });
                }}
              />
            ))}
          </Group>
          <Switch
            mt="sm"
            label={t('weekend')}
            checked={p.quiet.weekend}
            onChange={(event) => {
              set({ quiet: { ...p.quiet, weekend: event.currentTarget.checked } });
            }}
          />
        </Fieldset>
        <Group grow>
          <Select
            label={t('digest')}
            data={[
              { value: 'now', label: t('digests.now') },
              { value: 'hourly', label: t('digests.hourly') },
              { value: 'daily', label: t('digests.daily') },
            ]}
            value={p.digest || 'now'}
            allowDeselect={false}
            onChange={(value) => {
              set({ digest: value === 'hourly' || value === 'daily' ? value : '' });
            }}
          />
          <TextInput
            label={t('digestAt')}
            value={p.digestAt}
            disabled={p.digest !== 'daily'}
            onChange={(event) => {
              set({ digestAt: event.currentTarget.value.trim() });
            }}
          />
        </Group>
      </Form>
    </div>
  );
}

export function PreferencesTab() {
  const { data, error, refetch } = useQuery(preferencesQuery);
  if (error && !data) return <ErrorState error={error} retry={() => void refetch()} />;
  return data ? <PreferencesForm known={data} /> : <Rows count={6} />;
}
