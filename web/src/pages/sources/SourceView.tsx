import { Button, Checkbox, Group, NumberInput, Stack, Text } from '@mantine/core';
import { useMutation, useQuery, useQueryClient } from '@tanstack/react-query';
import { useState } from 'react';
import { useTranslation } from 'react-i18next';

import { forgetSource, setSilence, type SourceDetail, sourceQuery, unmuteSource } from '../../api/sourceQueries';
import { useMay } from '../../app/session';
import { offerUndo } from '../../kit/undo';
import { formatNumber } from '../../lib/format';
import { formatTime } from '../../lib/time';
import { LinkButton } from '../../ui/links';
import page from '../../ui/page.module.css';
import { ErrorState, Rows } from '../../ui/State';
import { Ago, Time } from '../../ui/Time';
import { toast } from '../../ui/toast';
import { HourBars } from './HourBars';
import { MuteForm } from './MuteForm';
import { SourceState, useSkew } from './SourceState';
import { Week } from './Week';

const minute = 60;
const hourMs = 3_600_000;

/** One source: how it sends, how it used to, and what may be set about it. */
export function SourceView({ id, onGone }: { id: string; onGone: () => void }) {
  const mayManage = useMay()('source.manage');
  const { data, error, isPending, refetch } = useQuery(sourceQuery(id));
  if (error && !data) return <ErrorState error={error} retry={() => void refetch()} />;
  if (isPending) return <Rows count={8} />;
  return (
    <Stack gap="md">
      <Head source={data} />
      <Recent source={data} />
      <Week source={data} />
      {mayManage && <Manage key={data.id} source={data} onGone={onGone} />}
    </Stack>
  );
}

function Head({ source: s }: { source: SourceDetail }) {
  const { t, i18n } = useTranslation(['translation', 'sources']);
  const skew = useSkew();
  return (
    <>
      <Group justify="space-between" align="flex-start">
        <Text size="sm" className="la-dim">
          {[s.unit, s.input, s.peer, s.format].filter(Boolean).join(' · ')}
        </Text>
        <SourceState source={s} />
      </Group>
      <dl className={page.facts}>
        <div>
          <dt>{t('sources:lastSeen')}</dt>
          <dd>
            <Ago at={s.lastSeen} />
          </dd>
        </div>
        <div>
          <dt>{t('sources:firstSeen')}</dt>
          <dd>
            <Time at={s.firstSeen} />
          </dd>
        </div>
        {s.silentAt && (
          <div>
            <dt>{s.status === 'silent' ? t('sources:silentFrom') : t('sources:silentAt')}</dt>
            <dd>
              <Time at={s.silentAt} />
            </dd>
          </div>
        )}
        <div>
          <dt>{t('sources:events')}</dt>
          <dd className="la-num">{formatNumber(s.events, i18n.language)}</dd>
        </div>
        {skew(s.skewSeconds) !== '' && (
          <div>
            <dt>{t('sources:skew')}</dt>
            <dd>{skew(s.skewSeconds)}</dd>
          </div>
        )}
      </dl>
      {!s.learned && (
        <Text size="sm" className="la-dim">
          {t('sources:learning', { n: s.hours })}
        </Text>
      )}
      {s.query && (
        <Group>
          <LinkButton to="/search" search={{ q: s.query, from: 'now-7d' }} size="xs" variant="default">
            {t('sources:view')}
          </LinkButton>
        </Group>
      )}
    </>
  );
}

function Recent({ source: s }: { source: SourceDetail }) {
  const { t, i18n } = useTranslation(['translation', 'sources']);
  const { events, expected, from } = s.recent;
  const start = Date.parse(from);
  const number = (n: number) => formatNumber(Math.round(n), i18n.language);
  return (
    <div>
      <Text size="sm" fw={600} component="h3">
        {t('sources:recent')}
      </Text>
      <HourBars events={events} expected={expected} label={t('sources:recent')} height={64} />
      <details>
        <summary>{t('sources:asTable')}</summary>
        <table className="la-table">
          <thead>
            <tr>
              <th>{t('sources:hour')}</th>
              <th style={{ textAlign: 'right' }}>{t('sources:seen')}</th>
              <th style={{ textAlign: 'right' }}>{t('sources:usual')}</th>
            </tr>
          </thead>
          <tbody>
            {events.map((n, i) => (
              <tr key={i}>
                <td>
                  <Time at={new Date(start + i * hourMs).toISOString()} />
                </td>
                <td className="la-num" style={{ textAlign: 'right' }}>
                  {number(n)}
                </td>
                <td className="la-num" style={{ textAlign: 'right' }}>
                  {expected[i] === undefined ? '' : number(expected[i])}
                </td>
              </tr>
            ))}
          </tbody>
        </table>
      </details>
    </div>
  );
}

function Manage({ source: s, onGone }: { source: SourceDetail; onGone: () => void }) {
  const { t } = useTranslation(['translation', 'sources']);
  const client = useQueryClient();
  const changed = () => void client.invalidateQueries({ queryKey: ['sources'] });
  const [minutes, setMinutes] = useState<number | string>(s.setting.silentAfterSeconds / minute || '');
  const [fixed, setFixed] = useState(s.setting.fixed);
  const unmute = useMutation({
    mutationFn: () => unmuteSource(s.id),
    onSuccess: () => {
      toast({ message: t('sources:unmuted'), color: 'teal' });
      changed();
    },
  });
  const silence = useMutation({
    mutationFn: () => setSilence(s.id, { silentAfterSeconds: Number(minutes) * minute || 0, fixed: fixed && Number(minutes) > 0 }),
    onSuccess: () => {
      toast({ message: t('sources:saved'), color: 'teal' });
      changed();
    },
  });
  const forget = useMutation({
    mutationFn: () => forgetSource(s.id),
    onSuccess: () => {
      toast({ message: t('sources:forgotten'), color: 'teal' });
      changed();
      onGone();
    },
  });
  const failed = [unmute, silence, forget].find((m) => m.isError);
  const onMuted = () => {
    changed();
    offerUndo(t('sources:mutedDone'), () => unmuteSource(s.id).then(changed));
  };
  return (
    <Stack gap="md">
      {failed && <ErrorState error={failed.error} />}
      {s.mute ? (
        <Group>
          <Text size="sm" className="la-wrap">
            {t('sources:muted', { at: formatTime(s.mute.until), reason: s.mute.reason, by: s.mute.by })}
          </Text>
          <Button
            size="xs"
            variant="default"
            loading={unmute.isPending}
            onClick={() => {
              unmute.mutate();
            }}
          >
            {t('sources:unmute')}
          </Button>
        </Group>
      ) : (
        <MuteForm ids={[s.id]} onDone={onMuted} />
      )}
      <form
        onSubmit={(event) => {
          event.preventDefault();
          silence.mutate();
        }}
      >
        <Text size="sm" fw={600} component="h3">
          {t('sources:silence')}
        </Text>
        <Text size="xs" className="la-dim" mb={6}>
          {t('sources:silenceText')}
        </Text>
        <Group gap="sm">
          <NumberInput
            size="xs"
            w={120}
            min={1}
            max={129_600}
            aria-label={t('sources:silenceMinutes')}
            placeholder={t('sources:silenceMinutes')}
            value={minutes}
            onChange={setMinutes}
          />
          <Checkbox
            size="xs"
            label={t('sources:fixed')}
            checked={fixed}
            disabled={!Number(minutes)}
            onChange={(event) => {
              setFixed(event.currentTarget.checked);
            }}
          />
          <Button type="submit" size="xs" variant="default" loading={silence.isPending}>
            {t('sources:save')}
          </Button>
        </Group>
      </form>
      <div>
        <Text size="xs" className="la-dim" mb={6}>
          {t('sources:forgetText')}
        </Text>
        <Button
          size="xs"
          color="red"
          variant="light"
          loading={forget.isPending}
          onClick={() => {
            forget.mutate();
          }}
        >
          {t('sources:forget')}
        </Button>
      </div>
    </Stack>
  );
}
