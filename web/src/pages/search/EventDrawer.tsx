import '../../i18n/search';

import { Alert, CloseButton, Group, ScrollArea, Tabs, Text } from '@mantine/core';
import { useQuery } from '@tanstack/react-query';
import { useTranslation } from 'react-i18next';

import { eventQuery } from '../../api/queries';
import type { LogEvent } from '../../api/types';
import { eventJson } from '../../lib/events';
import { Code } from '../../ui/Copy';
import { ErrorState, Rows } from '../../ui/State';
import { Time } from '../../ui/Time';
import { Around } from './Around';
import css from './drawer.module.css';
import { EventFields } from './EventFields';
import { RuleHits } from './RuleHits';

interface Props {
  id: string;
  known: LogEvent | undefined;
  columns?: readonly string[];
  /** Beside the list instead of over it. */
  docked?: boolean;
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

/** One event beside the list it came from; the list stays usable. */
export function EventDrawer({ id, known, columns, docked, onToggleColumn, onFilter, onClose, onShow }: Props) {
  const { t } = useTranslation(['translation', 'search']);
  const fetched = useQuery({ ...eventQuery(id), enabled: known === undefined, placeholderData: (previous) => previous });
  const event = known ?? fetched.data;
  return (
    <aside className={docked ? `la-card ${css.docked ?? ''}` : css.drawer} aria-label={t('event.detail')}>
      <div className={css.drawerHead}>
        <Text fw={640} size="md">
          {t('event.detail')}
        </Text>
        <Group gap={6}>
          <span className={css.hint}>
            {['j', 'k', 'x'].map((key) => (
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
            {event.rules.length > 0 && <RuleHits rules={event.rules} />}
            <Tabs defaultValue="fields" keepMounted={false} mt="xs">
              <Tabs.List mb="sm">
                <Tabs.Tab value="fields">{t('event.tab.fields')}</Tabs.Tab>
                <Tabs.Tab value="raw">{t('event.tab.raw')}</Tabs.Tab>
                <Tabs.Tab value="json">{t('event.tab.json')}</Tabs.Tab>
                <Tabs.Tab value="around">{t('event.tab.around')}</Tabs.Tab>
              </Tabs.List>
              <Tabs.Panel value="fields">
                <EventFields event={event} columns={columns} onToggleColumn={onToggleColumn} onFilter={onFilter} />
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
