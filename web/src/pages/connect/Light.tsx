import { List, Text } from '@mantine/core';
import { useQuery } from '@tanstack/react-query';
import { useEffect, useState } from 'react';
import { useTranslation } from 'react-i18next';

import { type EnrolmentStatus, lightQuery } from '../../api/enrolQueries';
import { formatNumber } from '../../lib/format';
import { Ago, Time } from '../../ui/Time';
import styles from './connect.module.css';

const slowMs = 120_000;
const minute = 60;
const muchUnparsed = 0.2;
const known = ['token_expired', 'token_revoked', 'certificate_expired', 'certificate_revoked'] as const;

/** Grey until the first event has come, then green; with what went wrong meanwhile. */
export function Light({ id, host, port }: { id: string; host: string; port: number }) {
  const { t, i18n } = useTranslation(['translation', 'connect']);
  const { data } = useQuery(lightQuery(id));
  const slow = useSlow();
  const on = data?.firstSeen !== undefined;
  const checks = t('connect:light.checks', { returnObjects: true, host, port }) as string[];
  return (
    <div className={styles.light} data-on={on ? '' : undefined} role="status" aria-live="polite">
      <span className={styles.lamp} aria-hidden="true" />
      <div style={{ minWidth: 0 }}>
        {on ? <Received status={data} /> : <Text fw={600}>{t('connect:light.waiting')}</Text>}
        {!on && !slow && (
          <Text size="sm" className="la-dim">
            {t('connect:light.waitingText')}
          </Text>
        )}
        {data?.refusals.map((refusal) => {
          const code = refusal.code.replaceAll('.', '_');
          const why = known.find((k) => k === code) ?? 'other';
          return (
            <Text key={refusal.code} size="sm" className="la-wrap" style={{ color: 'var(--la-critical)' }}>
              {t('connect:light.refused', { n: formatNumber(refusal.count, i18n.language), why: t(`connect:refusal.${why}`) })} (
              <Ago at={refusal.at} />)
            </Text>
          );
        })}
        {!on && slow && (
          <>
            <Text size="sm">{t('connect:light.slow')}</Text>
            <List size="sm" className={styles.checks}>
              {checks.map((check) => (
                <List.Item key={check}>{check}</List.Item>
              ))}
            </List>
          </>
        )}
      </div>
    </div>
  );
}

function Received({ status }: { status: EnrolmentStatus }) {
  const { t, i18n } = useTranslation(['translation', 'connect']);
  const seconds = Math.max(0, Math.round((Date.parse(status.now) - Date.parse(status.firstSeen ?? status.now)) / 1_000));
  const unparsed = status.events > 0 ? status.unparsed / status.events : 0;
  return (
    <>
      <Text fw={600} style={{ color: 'var(--la-ok)' }}>
        {seconds < minute && t('connect:light.first', { n: seconds })}
        {seconds >= minute && seconds < minute * minute && t('connect:light.firstMinutes', { n: Math.floor(seconds / minute) })}
        {seconds >= minute * minute && status.firstSeen && (
          <>
            {t('connect:light.firstLong')} <Time at={status.firstSeen} />
          </>
        )}
      </Text>
      <Text size="sm">
        {t('connect:light.count', { n: formatNumber(status.events, i18n.language) })}
        {status.peer && ` ${t('connect:light.from', { peer: status.peer })}`}
        {status.lastSeen && (
          <>
            {` · ${t('connect:light.last')} `}
            <Ago at={status.lastSeen} />
          </>
        )}
      </Text>
      {unparsed > muchUnparsed && (
        <Text size="sm" style={{ color: 'var(--la-medium)' }}>
          {t('connect:light.unparsed', { percent: Math.round(100 * unparsed) })}. {t('connect:light.unparsedText')}
        </Text>
      )}
    </>
  );
}

/** True once the light has been waited for so long that something is wrong. */
function useSlow(): boolean {
  const [slow, setSlow] = useState(false);
  useEffect(() => {
    const timer = setTimeout(() => {
      setSlow(true);
    }, slowMs);
    return () => {
      clearTimeout(timer);
    };
  }, []);
  return slow;
}
