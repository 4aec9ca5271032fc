import { Alert, Button, Group, Progress, Stack, Text } from '@mantine/core';
import { IconUsersGroup } from '@tabler/icons-react';
import { useMutation, useQuery, useQueryClient } from '@tanstack/react-query';
import { useState } from 'react';
import { useTranslation } from 'react-i18next';

import { unitTypesQuery } from '../../api/unitQueries';
import { adjustAudience, audienceQuery, computeAudience, extendWarning, type Member, type WarningDetail, warningsChanged } from '../../api/warningQueries';
import { ConfirmDialog } from '../../kit/ConfirmDialog';
import { EmptyState } from '../../kit/EmptyState';
import { List } from '../../kit/List';
import { Badge } from '../../ui/Badge';
import { ErrorState } from '../../ui/State';
import { toast } from '../../ui/toast';
import { UnitPicker, useUnitNames } from '../users/UnitPicker';

interface Props {
  warning: WarningDetail;
  /** What is typed is not stored yet. */
  dirty: boolean;
}

/** Whom the warning is for, and why; adjusted with a reason. */
export function AudienceTab({ warning: w, dirty }: Props) {
  const { t, i18n } = useTranslation('warnings');
  const client = useQueryClient();
  const query = useQuery(audienceQuery(w.id));
  const types = useQuery(unitTypesQuery).data?.items ?? [];
  const { name } = useUnitNames();
  const [asked, setAsked] = useState<{ add?: string[]; remove?: string[] }>();
  const [unit, setUnit] = useState<string | null>(null);
  const [extending, setExtending] = useState(false);
  const mayExtend = w.mayPublish && (w.state === 'published' || w.state === 'closed');
  const open = w.mayWrite && (w.state === 'draft' || w.state === 'review');
  const compute = useMutation({ mutationFn: () => computeAudience(w.id, w.version), onSettled: () => warningsChanged(client) });
  const a = query.data;
  const busy = a?.state === 'waiting' || a?.state === 'running';
  const detailOf = (r: Member['reasons'][number]) => {
    const type = types.find((x) => x.id === r.detail);
    if (r.by === 'kind' && type) return i18n.language === 'vi' ? type.nameVi : type.nameEn;
    return r.by === 'under' ? name(r.detail) : r.detail;
  };
  return (
    <Stack gap="sm">
      {open && (
        <Group gap="sm">
          <Button size="xs" loading={compute.isPending} disabled={dirty || busy} onClick={() => { compute.mutate(); }}>
            {t('compute')}
          </Button>
          <Button size="xs" variant="default" disabled={busy || dirty} onClick={() => { setAsked({ add: [] }); }}>
            {t('add')}
          </Button>
          {dirty && <Text size="sm">{t('unsaved')}</Text>}
        </Group>
      )}
      {mayExtend && (
        <Group gap="sm">
          <Button size="xs" variant="default" onClick={() => { setExtending(true); }}>
            {t('extend')}
          </Button>
        </Group>
      )}
      {compute.error && <ErrorState error={compute.error} />}
      {busy && (
        <div role="status">
          <Text size="sm">{t('computing', { done: a.done, of: a.of })}</Text>
          <Progress aria-label={t('compute')} value={a.of > 0 ? (100 * a.done) / a.of : 100} animated />
        </div>
      )}
      {a?.stale && <Alert color="yellow">{t('stale')}</Alert>}
      {a && a.missing.length > 0 && <Alert color="yellow">{t('missing', { list: a.missing.join(', ') })}</Alert>}
      {a?.softwareUnknown && <Alert color="yellow">{t('softwareUnknown')}</Alert>}
      {a?.state === 'done' && <Text fw={600}>{t('units', { count: a.units })}</Text>}
      <List<Member>
        label={t('audience')}
        items={a?.items ?? []}
        id={(m) => m.unit}
        name={(m) => m.unitName}
        query={query}
        columns={[
          { id: 'unit', name: t('unit'), main: true, cell: (m) => m.unitName },
          {
            id: 'why',
            name: t('why'),
            cell: (m) => (
              <>
                {m.reasons.map((r) => (
                  <Text size="sm" key={`${r.by} ${r.detail}`} className="la-wrap">
                    {t(`reasons.${r.by}`)}
                    {r.detail !== '' && `: ${detailOf(r)}`}
                    {r.count !== undefined && ` (${t('events', { count: r.count })})`}
                    {r.by === 'person' && m.by !== '' && ` (${m.by})`}
                  </Text>
                ))}
                {m.removed !== '' && (
                  <Text size="sm" className="la-wrap">
                    <Badge tone="informational">{t('removed')}</Badge> {m.removed} ({m.by})
                  </Text>
                )}
              </>
            ),
          },
          ...(open
            ? [
                {
                  id: 'do',
                  name: t('remove'),
                  hiddenName: true,
                  cell: (m: Member) => (
                    <Button
                      size="compact-xs"
                      variant="default"
                      disabled={busy || dirty}
                      aria-label={`${m.removed === '' ? t('remove') : t('putBack')}: ${m.unitName}`}
                      onClick={() => {
                        setAsked(m.removed === '' ? { remove: [m.unit] } : { add: [m.unit] });
                      }}
                    >
                      {m.removed === '' ? t('remove') : t('putBack')}
                    </Button>
                  ),
                },
              ]
            : []),
        ]}
        empty={<EmptyState icon={<IconUsersGroup size={34} />} title={t('notComputed')} text={t('notComputedText')} />}
      />
      {extending && (
        <ConfirmDialog
          title={t('extend')}
          text={t('extendText')}
          confirm={t('extend')}
          reason="required"
          onConfirm={async (reason) => {
            await extendWarning(w.id, w.version, unit === null ? [] : [unit], reason);
            toast({ message: t('extended', { unit: name(unit ?? '') }), autoClose: 6_000 });
            await warningsChanged(client);
          }}
          onClose={() => {
            setExtending(false);
            setUnit(null);
          }}
        >
          <UnitPicker label={t('unit')} value={unit} onChange={setUnit} />
        </ConfirmDialog>
      )}
      {asked && (
        <ConfirmDialog
          title={asked.remove ? t('remove') : asked.add?.length ? t('putBack') : t('add')}
          text={t('adjustText')}
          confirm={asked.remove ? t('remove') : t('add')}
          reason="required"
          onConfirm={async (reason) => {
            await adjustAudience(w.id, w.version, { ...(asked.add?.length === 0 ? { add: unit === null ? [] : [unit] } : asked), reason });
            await warningsChanged(client);
          }}
          onClose={() => {
            setAsked(undefined);
            setUnit(null);
          }}
        >
          {asked.add?.length === 0 ? <UnitPicker label={t('unit')} value={unit} onChange={setUnit} /> : <Text fw={600}>{name((asked.remove ?? asked.add)?.[0] ?? '')}</Text>}
        </ConfirmDialog>
      )}
    </Stack>
  );
}
