import '@mantine/core/styles/Chip.css';

import { Button, Chip, Text, TextInput } from '@mantine/core';
import { useDebouncedCallback } from '@mantine/hooks';
import { IconFilter } from '@tabler/icons-react';
import { useQuery } from '@tanstack/react-query';
import { getRouteApi } from '@tanstack/react-router';
import { useRef } from 'react';
import { useTranslation } from 'react-i18next';

import { type SourceHealth, sourceListQuery, type SourceState as State } from '../../api/sourceQueries';
import { useKeys } from '../../app/keys';
import { formatNumber } from '../../lib/format';
import { FirstLog } from '../../ui/FirstLog';
import page from '../../ui/page.module.css';
import { EmptyState, ErrorState, Rows } from '../../ui/State';
import { Ago, Time, useNow } from '../../ui/Time';
import { HourBars } from './HourBars';
import { SourceState, useSkew } from './SourceState';
import styles from './sources.module.css';

const route = getRouteApi('/sources');
const states: readonly State[] = ['silent', 'problem', 'new', 'ok', 'muted'];

/** All sources, those that most need a look first. */
export function SourceList() {
  const { t, i18n } = useTranslation(['translation', 'sources']);
  const { q, status } = route.useSearch();
  const navigate = route.useNavigate();
  const input = useRef<HTMLInputElement>(null);
  const { data, error, isPending, refetch } = useQuery(sourceListQuery({ q, status }));
  const setText = useDebouncedCallback((value: string) => {
    void navigate({ search: (old) => ({ ...old, q: value || undefined }), replace: true });
  }, 250);
  useKeys({ '/': () => input.current?.focus() });
  const number = (n: number) => formatNumber(n, i18n.language);

  if (error && !data) return <ErrorState error={error} retry={() => void refetch()} />;
  if (isPending) return <Rows count={10} />;
  if (data.total === 0 && !q && !status) return <FirstLog />;
  return (
    <>
      <div className={page.bar}>
        <TextInput
          ref={input}
          size="xs"
          defaultValue={q}
          leftSection={<IconFilter size={14} />}
          placeholder={t('sources:find')}
          aria-label={t('sources:find')}
          onChange={(event) => {
            setText(event.currentTarget.value);
          }}
          style={{ flex: '1 1 220px', maxWidth: 320 }}
        />
        <Chip.Group
          multiple
          value={status ? status.split(',') : []}
          onChange={(value) => void navigate({ search: (old) => ({ ...old, status: value.join(',') || undefined }), replace: true })}
        >
          <div className={styles.chips} role="group" aria-label={t('sources:filter')}>
            {states.map((s) => (
              <Chip key={s} value={s} size="xs">
                {`${t(`sources:status.${s}`)} ${number(data.byStatus[s])}`}
              </Chip>
            ))}
          </div>
        </Chip.Group>
        <Text size="sm" className="la-dim">
          {t('sources:count', { n: number(data.total) })}
        </Text>
      </div>
      {data.items.length === 0 ? (
        <EmptyState icon={<IconFilter size={30} />} title={t('sources:noMatch')} text={t('sources:noMatchText')} />
      ) : (
        <div className="la-scroll-x" tabIndex={0} role="region" aria-label={t('nav.sources')}>
          <table className="la-table">
            <thead>
              <tr>
                <th>{t('sources:filter')}</th>
                <th>{t('sources:host')}</th>
                <th>{t('sources:unit')}</th>
                <th>{t('sources:kind')}</th>
                <th>{t('sources:day')}</th>
                <th>{t('sources:lastSeen')}</th>
                <th>{t('sources:skew')}</th>
                <th style={{ textAlign: 'right' }}>{t('sources:unparsed')}</th>
              </tr>
            </thead>
            <tbody>
              {data.items.map((source) => (
                <Row key={source.id} source={source} />
              ))}
            </tbody>
          </table>
        </div>
      )}
    </>
  );
}

function Row({ source }: { source: SourceHealth }) {
  const { t, i18n } = useTranslation(['translation', 'sources']);
  const navigate = route.useNavigate();
  const skew = useSkew();
  const now = useNow();
  const name = source.host || source.peer;
  const sum = (list: readonly number[]) => formatNumber(Math.round(list.reduce((a, b) => a + b, 0)), i18n.language);
  const { events, expected } = source.spark;
  const label = [t('sources:dayText', { n: sum(events) }), expected.length > 0 && t('sources:expectedText', { n: sum(expected) })]
    .filter(Boolean)
    .join(', ');
  return (
    <tr>
      <td>
        <SourceState source={source} />
      </td>
      <td>
        <Button
          variant="subtle"
          size="compact-sm"
          px={0}
          aria-label={t('sources:open', { host: name })}
          onClick={() => void navigate({ search: (old) => ({ ...old, id: source.id }) })}
        >
          {name}
        </Button>
        {source.peer && source.peer !== name && <div className="la-dim la-mono">{source.peer}</div>}
      </td>
      <td>{source.unit}</td>
      <td>
        {[source.product, source.service].filter(Boolean).join(' / ') || source.format}
        <div className="la-dim" style={{ fontSize: 12 }}>
          {[source.input, source.format].filter(Boolean).join(' · ')}
        </div>
      </td>
      <td>
        <HourBars events={events} expected={expected} label={label} />
      </td>
      <td>
        <Ago at={source.lastSeen} />
        {source.silentAt && source.status !== 'silent' && Date.parse(source.silentAt) > now && (
          <Text size="xs" className="la-dim">
            {t('sources:silentAt')} <Time at={source.silentAt} />
          </Text>
        )}
      </td>
      <td>{skew(source.skewSeconds)}</td>
      <td className="la-num" style={{ textAlign: 'right' }}>
        {source.unparsedShare > 0 ? `${formatNumber(Math.round(1000 * source.unparsedShare) / 10, i18n.language)} %` : ''}
      </td>
    </tr>
  );
}
