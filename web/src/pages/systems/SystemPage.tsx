import '../../i18n/systems';

import { Button, Group, Skeleton, Tabs, Text } from '@mantine/core';
import { useMutation, useQuery, useQueryClient } from '@tanstack/react-query';
import { getRouteApi, Link } from '@tanstack/react-router';
import { Suspense, useState } from 'react';
import { useTranslation } from 'react-i18next';

import { changeSystem, stepSystem, type System, type SystemFacts, systemQuery, systemsChanged, type SystemState } from '../../api/systemQueries';
import { useMay } from '../../app/session';
import { ConfirmDialog } from '../../kit/ConfirmDialog';
import { Badge } from '../../ui/Badge';
import page from '../../ui/page.module.css';
import { PageHeader } from '../../ui/PageHeader';
import { ErrorState, Rows } from '../../ui/State';
import { toast } from '../../ui/toast';
import { Deciding, Gate } from '../requirements/Gate';
import { LevelMark, StateMark } from './parts';
import { SystemForm } from './SystemForm';
import { systemTabs } from './tabs';

const route = getRouteApi('/systems/$id');

export function SystemPage() {
  const { id } = route.useParams();
  const query = useQuery(systemQuery(id));
  if (query.error && !query.data) return <ErrorState error={query.error} retry={() => void query.refetch()} />;
  return query.data ? <Shown system={query.data} /> : <Skeleton height={240} m="md" />;
}

/** One system: who owns and operates it, what it is, and all that the product knows of it. */
function Shown({ system: x }: { system: System }) {
  const { t } = useTranslation('systems');
  const { tab } = route.useSearch();
  const navigate = route.useNavigate();
  const client = useQueryClient();
  const may = useMay();
  const [editing, setEditing] = useState(false);
  const [asked, setAsked] = useState<SystemState>();
  const [deciding, setDeciding] = useState(false);
  const save = useMutation({
    mutationFn: (facts: SystemFacts) => changeSystem(x.id, facts, x.version),
    onSuccess: async () => {
      toast({ message: t('saved'), autoClose: 4_000 });
      setEditing(false);
      await systemsChanged(client);
    },
  });
  const shown = systemTabs.filter((one) => may(one.action));
  const open = shown.find((one) => one.id === tab) ?? shown[0];
  const View = open?.view;
  return (
    <div className={page.page}>
      <Link to="/systems" className={page.back}>
        ← {t('back')}
      </Link>
      <PageHeader title={`${x.code} · ${x.name}`}>
        {x.mayManage && !editing && (
          <>
            {(x.steps as SystemState[]).map((step) => (
              <Button key={step} size="xs" variant={step === 'operating' ? 'filled' : 'default'} onClick={() => { setAsked(step); }}>
                {t(`step.${step}`)}
              </Button>
            ))}
            <Button size="xs" variant="default" onClick={() => { save.reset(); setEditing(true); }}>
              {t('edit')}
            </Button>
          </>
        )}
      </PageHeader>
      <Group gap="xs" mb="sm">
        <StateMark state={x.state} />
        <LevelMark system={x} />
        {x.critical && <Badge tone="critical">{t('critical')}</Badge>}
        <Text size="sm">{x.unitName}</Text>
      </Group>
      {editing ? (
        <SystemForm key={x.version} id={x.id} facts={x.facts} error={save.error} busy={save.isPending} onSubmit={save.mutate} onCancel={() => { setEditing(false); }} />
      ) : (
        <Tabs value={open?.id ?? null} keepMounted={false} onChange={(value) => void navigate({ search: (old) => ({ ...old, tab: value === shown[0]?.id ? undefined : (value ?? undefined) }) })}>
          <Tabs.List mb="sm">
            {shown.map((one) => (
              <Tabs.Tab key={one.id} value={one.id}>
                {t(`tab.${one.id}`)}
              </Tabs.Tab>
            ))}
          </Tabs.List>
          {open && View && (
            <Tabs.Panel value={open.id}>
              <Suspense fallback={<Rows count={4} />}>
                <View system={x} />
              </Suspense>
            </Tabs.Panel>
          )}
        </Tabs>
      )}
      {asked && (
        <ConfirmDialog
          title={t(`step.${asked}`)}
          text={t(`stepText.${asked}`)}
          confirm={t(`step.${asked}`)}
          danger={asked === 'retired'}
          reason="required"
          onConfirm={async (note) => {
            await stepSystem(x.id, asked, note, x.version);
            toast({ message: t('stepped'), autoClose: 4_000 });
            await systemsChanged(client);
          }}
          onClose={() => { setAsked(undefined); }}
        >
          {asked === 'operating' && may('readiness.read') && (
            <Gate
              id={x.id}
              within={{
                edit: () => { setAsked(undefined); save.reset(); setEditing(true); },
                decide: () => { setAsked(undefined); setDeciding(true); },
              }}
            />
          )}
        </ConfirmDialog>
      )}
      {deciding && <Deciding id={x.id} onClose={() => { setDeciding(false); }} />}
    </div>
  );
}
