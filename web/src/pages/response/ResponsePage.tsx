import '../../i18n/response';

import { Tabs } from '@mantine/core';
import { IconMessageQuestion, IconPhoneCall } from '@tabler/icons-react';
import { useQuery } from '@tanstack/react-query';
import { getRouteApi } from '@tanstack/react-router';
import { useTranslation } from 'react-i18next';

import { asksQuery, callUpsQuery, handoversQuery } from '../../api/responseQueries';
import { EmptyState } from '../../kit/EmptyState';
import page from '../../ui/page.module.css';
import { PageHeader } from '../../ui/PageHeader';
import { ErrorState, Rows } from '../../ui/State';
import { NetworkTab } from './NetworkTab';
import { OnCallTab } from './OnCallTab';
import { AskCard, CallUpCard, HandoverCard, useLiveResponse } from './parts';
import css from './response.module.css';
import { TeamTab } from './TeamTab';

const route = getRouteApi('/response');
const tabs = ['oncall', 'team', 'calls', 'asks', 'network'] as const;

/** The response team, who is on call, and what people were brought together for. */
export function ResponsePage() {
  const { t } = useTranslation(['translation', 'response']);
  const { tab = 'oncall' } = route.useSearch();
  const navigate = route.useNavigate();
  useLiveResponse();
  return (
    <div className={page.page} data-full>
      <PageHeader title={t('nav.response')} />
      <Tabs
        value={tab}
        keepMounted={false}
        onChange={(value) => {
          const next = tabs.find((name) => name === value);
          void navigate({ search: next === 'oncall' || next === undefined ? {} : { tab: next } });
        }}
      >
        <Tabs.List mb="sm">
          {tabs.map((name) => (
            <Tabs.Tab key={name} value={name}>
              {t(`response:tab.${name}`)}
            </Tabs.Tab>
          ))}
        </Tabs.List>
        <Tabs.Panel value="oncall">
          <OnCallTab />
        </Tabs.Panel>
        <Tabs.Panel value="team">
          <TeamTab />
        </Tabs.Panel>
        <Tabs.Panel value="calls">
          <CallsTab />
        </Tabs.Panel>
        <Tabs.Panel value="asks">
          <AsksTab />
        </Tabs.Panel>
        <Tabs.Panel value="network">
          <NetworkTab />
        </Tabs.Panel>
      </Tabs>
    </div>
  );
}

/** What the address names stands first: a message led to it. */
const firstOf = <T extends { id: string }>(items: readonly T[], id: string | undefined) => [...items.filter((x) => x.id === id), ...items.filter((x) => x.id !== id)];

function CallsTab() {
  const { t } = useTranslation('response');
  const { id } = route.useSearch();
  const { data, error, isPending, refetch } = useQuery(callUpsQuery());
  if (isPending) return <Rows count={4} />;
  if (!data) return <ErrorState error={error} retry={() => void refetch()} />;
  if (data.items.length === 0) return <EmptyState icon={<IconPhoneCall size={34} />} title={t('noCalls')} text={t('noCallsText')} />;
  return (
    <ul className={css.cards}>
      {firstOf(data.items, id).map((c) => (
        <CallUpCard key={c.id} callUp={c} />
      ))}
    </ul>
  );
}

function AsksTab() {
  const { t } = useTranslation('response');
  const { id } = route.useSearch();
  const asks = useQuery(asksQuery());
  const handovers = useQuery(handoversQuery());
  if (asks.isPending || handovers.isPending) return <Rows count={4} />;
  if (!asks.data || !handovers.data) return <ErrorState error={asks.error ?? handovers.error} />;
  if (asks.data.items.length + handovers.data.items.length === 0) {
    return <EmptyState icon={<IconMessageQuestion size={34} />} title={t('noAsks')} text={t('noAsksText')} />;
  }
  return (
    <ul className={css.cards}>
      {firstOf(handovers.data.items, id).map((h) => (
        <HandoverCard key={h.id} handover={h} />
      ))}
      {firstOf(asks.data.items, id).map((a) => (
        <AskCard key={a.id} ask={a} />
      ))}
    </ul>
  );
}
