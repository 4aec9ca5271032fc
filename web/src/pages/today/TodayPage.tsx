import '../../i18n/triage';

import { Button, Group, Radio, Stack, Text } from '@mantine/core';
import { IconConfetti } from '@tabler/icons-react';
import { useMutation, useQuery, useQueryClient } from '@tanstack/react-query';
import { useState } from 'react';
import { useTranslation } from 'react-i18next';

import { call } from '../../api/client';
import { todayQuery, type TodayThing } from '../../api/triageQueries';
import type { AlertChange, BulkResult } from '../../api/types';
import { useMay } from '../../app/session';
import { ConfirmDialog } from '../../kit/ConfirmDialog';
import { LinkButton } from '../../ui/links';
import page from '../../ui/page.module.css';
import { PageHeader } from '../../ui/PageHeader';
import { EmptyState, ErrorState, Rows } from '../../ui/State';
import { toast } from '../../ui/toast';
import css from '../alerts/alerts.module.css';
import { CloseDialog } from '../alerts/CloseDialog';
import { GroupHead, groupLink } from '../alerts/Groups';

/** At most ten things, each with the reasons of its place. */
export function TodayPage() {
  const { t, i18n } = useTranslation(['translation', 'triage']);
  const { data, error, isPending, refetch } = useQuery(todayQuery);
  const client = useQueryClient();
  const may = useMay();
  const [closing, setClosing] = useState<TodayThing>();
  const [postponing, setPostponing] = useState<TodayThing>();
  const change = useMutation({
    mutationFn: ({ thing, body }: { thing: TodayThing; body: AlertChange; done: string }) =>
      call<BulkResult>('/alerts/bulk', { method: 'POST', body: { ids: thing.alertIds, partial: true, ...body } }),
    onSuccess: (result, { done }) => {
      void client.invalidateQueries({ queryKey: ['alerts'] });
      void client.invalidateQueries({ queryKey: ['overview'] });
      const [first] = result.failed;
      toast({ message: first ? t('triage:bulk.failed', { count: result.failed.length, why: first.message }) : done, autoClose: 6_000 });
    },
    onError: (problem) => {
      toast({ color: 'red', message: problem.message, autoClose: 8_000 });
    },
  });
  const vietnamese = i18n.language === 'vi';
  return (
    <div className={page.page}>
      <PageHeader title={t('nav.today')}>
        <LinkButton to="/alerts" variant="default" size="xs">
          {t('triage:today.queue')}
        </LinkButton>
      </PageHeader>
      <Text size="sm" className="la-dim" mb="sm">
        {t('triage:today.intro')}
      </Text>
      {isPending && <Rows count={10} />}
      {error && <ErrorState error={error} retry={() => void refetch()} />}
      {data && (
        <>
          <Group gap="md" mb="sm">
            {data.done > 0 && <Text size="sm">{t('triage:today.closedToday', { count: data.done })}</Text>}
            {data.postponed > 0 && <Text size="sm">{t('triage:today.postponedCount', { count: data.postponed })}</Text>}
            {data.others > 0 && <Text size="sm">{t('triage:today.others', { count: data.others })}</Text>}
          </Group>
          {data.items.length === 0 ? (
            <EmptyState icon={<IconConfetti size={34} />} title={t('triage:today.allDone')} text={t('triage:today.allDoneText')} />
          ) : (
            <div className="la-card">
              <ol className={css.groups} aria-label={t('nav.today')}>
                {data.items.map((thing) => (
                  <li key={thing.id} style={{ '--bar': `var(--la-${thing.level}-bar)` } as React.CSSProperties}>
                    <span className={css.rank} aria-hidden="true">
                      {thing.rank}
                    </span>
                    <div className={css.groupHead}>
                      <GroupHead group={thing} language={i18n.language} />
                      <ul className={css.points} aria-label={t('triage:today.why', { rank: thing.rank })}>
                        {thing.why.map((point) => (
                          <li key={point.code}>
                            {vietnamese ? point.textVi : point.text} <span className="la-num la-dim">{point.points > 0 ? `+${String(point.points)}` : point.points}</span>
                          </li>
                        ))}
                        <li className="la-dim">= {t('triage:today.points', { n: thing.score })}</li>
                      </ul>
                    </div>
                    <Group gap="xs">
                      <LinkButton {...(groupLink(thing) as { to: '/alerts' })} size="compact-sm" variant="default">
                        {t('triage:today.open')}
                      </LinkButton>
                      {may('alert.triage') && (
                        <>
                          {!thing.mine && (
                            <Button
                              size="compact-sm"
                              variant="default"
                              loading={change.isPending}
                              onClick={() => {
                                change.mutate({ thing, body: { assigneeId: 'me', status: 'in_progress' }, done: t('alerts.assigned', { count: thing.alertIds.length }) });
                              }}
                            >
                              {t('triage:today.take')}
                            </Button>
                          )}
                          <Button
                            size="compact-sm"
                            variant="default"
                            onClick={() => {
                              setPostponing(thing);
                            }}
                          >
                            {t('triage:today.postpone')}
                          </Button>
                          <Button
                            size="compact-sm"
                            onClick={() => {
                              setClosing(thing);
                            }}
                          >
                            {t('triage:today.done')}
                          </Button>
                        </>
                      )}
                    </Group>
                  </li>
                ))}
              </ol>
            </div>
          )}
          {data.left > 0 && (
            <Text size="sm" className="la-dim" mt="sm">
              {t('triage:today.rest', { count: data.left })}
            </Text>
          )}
        </>
      )}
      {closing && (
        <CloseDialog
          count={closing.alertIds.length}
          pending={change.isPending}
          onCancel={() => {
            setClosing(undefined);
          }}
          onClose={(reason, note) => {
            change.mutate(
              { thing: closing, body: { status: 'closed', reason, note }, done: t('alerts.closed', { count: closing.alertIds.length }) },
              {
                onSuccess: () => {
                  setClosing(undefined);
                },
              },
            );
          }}
        />
      )}
      {postponing && (
        <Postpone
          onClose={() => {
            setPostponing(undefined);
          }}
          onConfirm={(until, note) =>
            change.mutateAsync({ thing: postponing, body: { postpone: { until, note } }, done: t('triage:today.postponed_done', { count: postponing.alertIds.length }) })
          }
        />
      )}
    </div>
  );
}

const choices = ['hours4', 'tomorrow', 'week'] as const;
type Choice = (typeof choices)[number];

/** The moment a choice means: times of day are Vietnam's. */
function momentOf(choice: Choice): string {
  const hour = 3_600_000;
  const now = Date.now();
  if (choice === 'hours4') return new Date(now + 4 * hour).toISOString();
  if (choice === 'week') return new Date(now + 7 * 24 * hour).toISOString();
  const day = new Date(now + 31 * hour).toISOString().slice(0, 10);
  return new Date(`${day}T08:00:00+07:00`).toISOString();
}

function Postpone({ onClose, onConfirm }: { onClose: () => void; onConfirm: (until: string, note: string) => Promise<unknown> }) {
  const { t } = useTranslation(['translation', 'triage']);
  const [choice, setChoice] = useState<Choice>('hours4');
  return (
    <ConfirmDialog
      title={t('triage:today.postponeTitle')}
      text={t('triage:today.postponeText')}
      confirm={t('triage:today.postpone')}
      reason="required"
      onConfirm={(note) => onConfirm(momentOf(choice), note)}
      onClose={onClose}
    >
      <Radio.Group
        label={t('triage:today.until')}
        value={choice}
        onChange={(value) => {
          setChoice(choices.find((c) => c === value) ?? 'hours4');
        }}
      >
        <Stack gap={6} mt={6}>
          {choices.map((value) => (
            <Radio key={value} value={value} label={t(`triage:today.${value}`)} />
          ))}
        </Stack>
      </Radio.Group>
    </ConfirmDialog>
  );
}
