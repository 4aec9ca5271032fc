import { ActionIcon, Alert, CloseButton, Group, ScrollArea, Tabs, Text, TextInput, Tooltip } from '@mantine/core';
import { IconColumnInsertRight, IconColumnRemove, IconFilter, IconMinus, IconPlus, IconSearch } from '@tabler/icons-react';
import { useQuery } from '@tanstack/react-query';
import { Link } from '@tanstack/react-router';
import { useState } from 'react';
import { useTranslation } from 'react-i18next';

import { aroundQuery, eventQuery } from '../../api/queries';
import type { LogEvent } from '../../api/types';
import { eventJson, fieldEntries, summary } from '../../lib/events';
import { fold } from '../../lib/format';
import { clause } from '../../lib/query';
import { formatTime } from '../../lib/time';
import { Code, Copy } from '../../ui/Copy';
import { LinkButton } from '../../ui/links';
import { ErrorState, Rows } from '../../ui/State';
import { Time } from '../../ui/Time';
import css from './search.module.css';

const aroundMinutes = 5;

interface Props {
  id: string;
  known: LogEvent | undefined;
  columns?: string[];
  onToggleColumn?: (name: string) => void;
  onFilter: (field: string, value: string, negate: boolean) => void;
  onClose: () => void;
  onShow: (id: string) => void;
}

function Core({ event }: { event: LogEvent }) {
  const { t } = useTranslation();
  const lines = [
    ['unit', event.unit],
    ['host', event.host],
    ['peer', event.peer],
    ['input', event.input],
    ['format', event.format],
    ['source', [event.product, event.category, event.service].filter(Boolean).join(' / ')],
    ['id', event.id],
  ] as const;
  return (
    <dl className={css.core}>
      <dt>{t('event.time')}</dt>
      <dd>
        <Time at={event.time} ms />
      </dd>
      <dt>{t('event.received')}</dt>
      <dd>
        <Time at={event.received} ms />
      </dd>
      {lines
        .filter(([, value]) => value !== '')
        .map(([name, value]) => (
          <div key={name} style={{ display: 'contents' }}>
            <dt>{t(`event.${name}`)}</dt>
            <dd className={name === 'id' ? 'la-mono la-wrap' : 'la-wrap'}>{value}</dd>
          </div>
        ))}
    </dl>
  );
}

function Fields({ event, columns, onToggleColumn, onFilter }: Pick<Props, 'columns' | 'onToggleColumn' | 'onFilter'> & { event: LogEvent }) {
  const { t } = useTranslation();
  const [text, setText] = useState('');
  const wanted = fold(text.trim());
  const entries = fieldEntries(event).filter(
    ([name, value]) => wanted === '' || fold(name).includes(wanted) || fold(value).includes(wanted),
  );
  return (
    <>
      <TextInput
        size="xs"
        mb="xs"
        value={text}
        onChange={(e) => {
          setText(e.currentTarget.value);
        }}
        leftSection={<IconFilter size={14} />}
        placeholder={t('event.findField')}
        aria-label={t('event.findField')}
      />
      {entries.length === 0 && (
        <Text size="sm" className="la-dim">
          {wanted === '' ? t('event.noFields') : t('event.noMatch')}
        </Text>
      )}
      <table className={css.fieldTable}>
        <tbody>
          {entries.map(([name, value]) => (
            <tr key={name}>
              <th scope="row">{name}</th>
              <td className="la-mono la-wrap">{value}</td>
              <td>
                <Group gap={0} wrap="nowrap" justify="flex-end">
                  <Tooltip label={t('event.only')}>
                    <ActionIcon
                      size={24}
                      aria-label={t('search.onlyValue', { value: `${name} = ${value}` })}
                      onClick={() => {
                        onFilter(name, value, false);
                      }}
                    >
                      <IconPlus size={14} />
                    </ActionIcon>
                  </Tooltip>
                  <Tooltip label={t('event.without')}>
                    <ActionIcon
                      size={24}
                      aria-label={t('search.withoutValue', { value: `${name} = ${value}` })}
                      onClick={() => {
                        onFilter(name, value, true);
                      }}
                    >
                      <IconMinus size={14} />
                    </ActionIcon>
                  </Tooltip>
                  {onToggleColumn && (
                    <Tooltip label={columns?.includes(name) ? t('search.removeColumn') : t('search.addColumn')}>
                      <ActionIcon
                        size={24}
                        aria-label={t(columns?.includes(name) ? 'search.removeColumnOf' : 'search.addColumnOf', { field: name })}
                        onClick={() => {
                          onToggleColumn(name);
                        }}
                      >
                        {columns?.includes(name) ? <IconColumnRemove size={14} /> : <IconColumnInsertRight size={14} />}
                      </ActionIcon>
                    </Tooltip>
                  )}
                  <Copy value={value} label={t('event.copyValue', { field: name })} />
                </Group>
              </td>
            </tr>
          ))}
        </tbody>
      </table>
    </>
  );
}

/** What the same host of the same unit did just before and after. */
function Around({ event, onShow }: { event: LogEvent; onShow: (id: string) => void }) {
  const { t } = useTranslation();
  const { data, error, isPending, refetch } = useQuery(aroundQuery(event.id, aroundMinutes));
  const at = Date.parse(event.time);
  const span = aroundMinutes * 60_000;
  if (error) return <ErrorState error={error} retry={() => void refetch()} />;
  if (isPending) return <Rows count={10} />;
  const sorted = [...data.events].sort((a, b) => a.time.localeCompare(b.time) || a.id.localeCompare(b.id));
  return (
    <>
      <Group justify="space-between" mb="xs">
        <Text size="sm" className="la-dim">
          {t('event.aroundText', { minutes: aroundMinutes, host: event.host || event.peer })}
        </Text>
        <LinkButton
          to="/search"
          search={{
            ...(event.host && { q: clause('host', event.host) }),
            from: new Date(at - span).toISOString(),
            to: new Date(at + span).toISOString(),
            order: 'asc',
          }}
          size="compact-sm"
          variant="default"
          leftSection={<IconSearch size={14} />}
        >
          {t('event.openSearch')}
        </LinkButton>
      </Group>
      <ol className={css.around}>
        {sorted.map((other) => (
          <li key={other.id} data-self={other.id === event.id || undefined}>
            <button
              type="button"
              onClick={() => {
                onShow(other.id);
              }}
              aria-current={other.id === event.id || undefined}
            >
              <span className="la-num la-dim">{formatTime(other.time, { ms: true }).slice(11)}</span>
              <span className="la-mono">{summary(other)}</span>
            </button>
          </li>
        ))}
      </ol>
    </>
  );
}

/** One event beside the list it came from; the list stays usable. */
export function EventDrawer({ id, known, columns, onToggleColumn, onFilter, onClose, onShow }: Props) {
  const { t } = useTranslation();
  const fetched = useQuery({ ...eventQuery(id), enabled: known === undefined });
  const event = known ?? fetched.data;
  return (
    <aside className={css.drawer} aria-label={t('event.detail')}>
        <div className={css.drawerHead}>
          <Text fw={640} size="md">
            {t('event.detail')}
          </Text>
          <Group gap={6}>
            <span className={css.hint}>
              {['j', 'k'].map((key) => (
                <kbd key={key} className="la-kbd">
                  {key}
                </kbd>
              ))}
            </span>
            <CloseButton aria-label={t('action.close')} onClick={onClose} />
          </Group>
        </div>
        <div className={css.drawerBody}>
          {fetched.error && !event && <ErrorState error={fetched.error} retry={() => void fetched.refetch()} />}
          {!event && !fetched.error && <Rows count={12} />}
          {event && (
            <>
              {event.skewed && (
                <Alert color="yellow" variant="light" mb="sm" p="xs">
                  {t('event.skewed')}
                </Alert>
              )}
              <Core event={event} />
              {event.rules.length > 0 && (
                <Group gap={6} my="xs">
                  <Text size="sm" className="la-dim">
                    {t('event.rules')}
                  </Text>
                  {event.rules.map((rule) => (
                    <Link key={rule} to="/rules/$id" params={{ id: rule }} className="la-mono">
                      {rule}
                    </Link>
                  ))}
                </Group>
              )}
              <Tabs defaultValue="fields" keepMounted={false} mt="xs">
                <Tabs.List mb="sm">
                  <Tabs.Tab value="fields">{t('event.tab.fields')}</Tabs.Tab>
                  <Tabs.Tab value="raw">{t('event.tab.raw')}</Tabs.Tab>
                  <Tabs.Tab value="json">{t('event.tab.json')}</Tabs.Tab>
                  <Tabs.Tab value="around">{t('event.tab.around', { minutes: aroundMinutes })}</Tabs.Tab>
                </Tabs.List>
                <Tabs.Panel value="fields">
                  <Fields
                    event={event}
                    onFilter={onFilter}
                    {...(columns && { columns })}
                    {...(onToggleColumn && { onToggleColumn })}
                  />
                </Tabs.Panel>
                <Tabs.Panel value="raw">
                  <Code text={event.raw} wrap />
                </Tabs.Panel>
                <Tabs.Panel value="json">
                  <ScrollArea>
                    <Code text={eventJson(event)} wrap />
                  </ScrollArea>
                </Tabs.Panel>
                <Tabs.Panel value="around">
                  <Around event={event} onShow={onShow} />
                </Tabs.Panel>
              </Tabs>
            </>
          )}
        </div>
    </aside>
  );
}
