import { Button, Group, NumberInput, Switch, Text, TextInput } from '@mantine/core';
import { IconCloudDownload, IconPlus } from '@tabler/icons-react';
import { useMutation, useQuery, useQueryClient } from '@tanstack/react-query';
import { useState } from 'react';
import { useTranslation } from 'react-i18next';

import { advisoriesChanged, type AdvisorySource, advisorySourcesQuery, fetchSource, removeSource, saveSource } from '../../api/advisoryQueries';
import { ApiError } from '../../api/client';
import { useMay } from '../../app/session';
import { ConfirmDialog } from '../../kit/ConfirmDialog';
import { EmptyState } from '../../kit/EmptyState';
import { Form, useFieldErrors } from '../../kit/Form';
import { Badge } from '../../ui/Badge';
import { Dialog } from '../../ui/Dialog';
import { useErrorText } from '../../ui/errors';
import { ErrorState, Rows } from '../../ui/State';
import { Time } from '../../ui/Time';
import css from './advisories.module.css';

const suggestions = [
  { name: 'CISA KEV', url: 'https://www.cisa.gov/sites/default/files/feeds/known_exploited_vulnerabilities.json', everyHours: 6 },
  { name: 'FIRST EPSS', url: 'https://epss.empiricalsecurity.com/epss_scores-current.csv.gz', everyHours: 24 },
] as const;

/** The addresses that the server fetches from, and how each last went. */
export function SourcesTab() {
  const { t } = useTranslation(['translation', 'advisories']);
  const client = useQueryClient();
  const mayChange = useMay()('advisory.source');
  const { data, error, isPending, refetch } = useQuery(advisorySourcesQuery);
  const [edited, setEdited] = useState<AdvisorySource | 'new'>();
  const [removed, setRemoved] = useState<AdvisorySource>();
  const fetchNow = useMutation({ mutationFn: fetchSource, onSettled: () => advisoriesChanged(client) });
  if (isPending) return <Rows count={4} />;
  if (!data) return <ErrorState error={error} retry={() => void refetch()} />;
  const add = mayChange && (
    <Button
      size="xs"
      leftSection={<IconPlus size={15} />}
      onClick={() => {
        setEdited('new');
      }}
    >
      {t('advisories:source.add')}
    </Button>
  );
  return (
    <>
      <Group justify="space-between" mb="sm">
        <Text size="sm" maw={640}>
          {t('advisories:source.text')}
        </Text>
        {data.items.length > 0 && add}
      </Group>
      {fetchNow.error && <ErrorState error={fetchNow.error} />}
      {data.items.length === 0 ? (
        <EmptyState icon={<IconCloudDownload size={34} />} title={t('advisories:source.empty')} text={t('advisories:source.emptyText')}>
          {add}
        </EmptyState>
      ) : (
        <div className={css.scroll} tabIndex={0} role="region" aria-label={t('advisories:source.label')}>
          <table className="la-table">
            <thead>
              <tr>
                <th>{t('advisories:source.name')}</th>
                <th>{t('advisories:source.state')}</th>
                <th>{t('advisories:source.last')}</th>
                <th>{t('advisories:source.next')}</th>
                <th />
              </tr>
            </thead>
            <tbody>
              {data.items.map((x) => (
                <tr key={x.id}>
                  <td className="la-wrap">
                    <strong>{x.name}</strong>
                    <Text size="xs" className="la-dim la-mono la-wrap">
                      {x.url}
                    </Text>
                  </td>
                  <td className="la-wrap">
                    <State source={x} />
                  </td>
                  <td>{x.succeededAt ? <Time at={x.succeededAt} /> : t('advisories:source.never')}</td>
                  <td>{x.enabled && x.nextAt ? <Time at={x.nextAt} /> : '—'}</td>
                  <td>
                    <Group gap={4} wrap="nowrap">
                      <Button
                        size="compact-xs"
                        variant="default"
                        loading={fetchNow.isPending && fetchNow.variables === x.id}
                        onClick={() => {
                          fetchNow.mutate(x.id);
                        }}
                      >
                        {t('advisories:source.fetch')}
                      </Button>
                      {mayChange && (
                        <>
                          <Button
                            size="compact-xs"
                            variant="default"
                            onClick={() => {
                              setEdited(x);
                            }}
                          >
                            {t('advisories:software.edit')}
                          </Button>
                          <Button
                            size="compact-xs"
                            variant="default"
                            onClick={() => {
                              setRemoved(x);
                            }}
                          >
                            {t('advisories:software.remove')}
                          </Button>
                        </>
                      )}
                    </Group>
                  </td>
                </tr>
              ))}
            </tbody>
          </table>
        </div>
      )}
      {edited && (
        <SourceDialog
          source={edited === 'new' ? undefined : edited}
          onClose={() => {
            setEdited(undefined);
          }}
        />
      )}
      {removed && (
        <ConfirmDialog
          title={`${t('advisories:source.remove')}: ${removed.name}`}
          text={t('advisories:source.removeText')}
          confirm={t('advisories:source.remove')}
          danger
          onConfirm={async () => {
            await removeSource(removed.id);
            await advisoriesChanged(client);
          }}
          onClose={() => {
            setRemoved(undefined);
          }}
        />
      )}
    </>
  );
}

function State({ source }: { source: AdvisorySource }) {
  const { t } = useTranslation('advisories');
  const errorText = useErrorText();
  if (source.code) {
    const { title, remedy } = errorText(new ApiError(422, { code: source.code, detail: source.reason }));
    return (
      <>
        <Badge tone="high">{t('source.failed')}</Badge>
        <Text size="xs">{`${title}. ${remedy}`}</Text>
        <Text size="xs" className="la-dim la-wrap">
          {source.reason}
        </Text>
      </>
    );
  }
  if (!source.enabled) return <Badge tone="informational">{t('source.off')}</Badge>;
  if (!source.succeededAt) return <Badge tone="low">{t('source.waiting')}</Badge>;
  return (
    <>
      <Badge tone="ok">{t('source.ok')}</Badge>
      {source.outcome && (
        <Text size="xs" className="la-dim">
          {`${source.outcome.title} · ${t('im.entries', { count: source.outcome.entries })}`}
        </Text>
      )}
    </>
  );
}

function SourceDialog({ source, onClose }: { source: AdvisorySource | undefined; onClose: () => void }) {
  const { t } = useTranslation('advisories');
  const client = useQueryClient();
  const [body, setBody] = useState({ name: source?.name ?? '', url: source?.url ?? '', enabled: source?.enabled ?? true, everyHours: source?.everyHours ?? 24 });
  const save = useMutation({
    mutationFn: () => saveSource(body, source),
    onSuccess: async () => {
      await advisoriesChanged(client);
      onClose();
    },
  });
  const fieldError = useFieldErrors(save.error);
  const set = (next: Partial<typeof body>) => {
    setBody((old) => ({ ...old, ...next }));
  };
  return (
    <Dialog opened onClose={onClose} title={source ? t('source.edit') : t('source.add')}>
      <Form
        error={save.error}
        fields={['name', 'url', 'everyHours']}
        submit={t('source.save')}
        busy={save.isPending}
        disabled={body.name.trim() === '' || body.url.trim() === ''}
        onSubmit={() => {
          save.mutate();
        }}
        onCancel={onClose}
      >
        {!source && (
          <Group gap="xs">
            <Text size="xs">{t('source.suggest')}:</Text>
            {suggestions.map((s) => (
              <Button
                key={s.url}
                size="compact-xs"
                variant="default"
                onClick={() => {
                  set(s);
                }}
              >
                {s.name}
              </Button>
            ))}
          </Group>
        )}
        <TextInput
          label={t('source.name')}
          data-autofocus
          required
          value={body.name}
          error={fieldError('name')}
          onChange={(event) => {
            set({ name: event.currentTarget.value });
          }}
        />
        <TextInput
          label={t('source.url')}
          required
          type="url"
          value={body.url}
          error={fieldError('url')}
          onChange={(event) => {
            set({ url: event.currentTarget.value.trim() });
          }}
        />
        <NumberInput
          label={t('source.every')}
          min={1}
          max={720}
          value={body.everyHours}
          error={fieldError('everyHours')}
          onChange={(value) => {
            set({ everyHours: Number(value) || 1 });
          }}
        />
        <Switch
          label={t('source.enabled')}
          checked={body.enabled}
          onChange={(event) => {
            set({ enabled: event.currentTarget.checked });
          }}
        />
      </Form>
    </Dialog>
  );
}
