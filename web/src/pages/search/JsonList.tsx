import { Loader } from '@mantine/core';
import { useVirtualizer } from '@tanstack/react-virtual';
import { useEffect, useRef } from 'react';
import { useTranslation } from 'react-i18next';

import { eventJson } from '../../lib/events';
import css from './results.module.css';
import type { ListProps } from './ResultTable';

export function JsonList({ events, active, loading, onOpen, onEnd, onTop, showings }: ListProps) {
  const { t } = useTranslation('search');
  const scroller = useRef<HTMLDivElement>(null);
  const virtual = useVirtualizer({
    count: events.length,
    getScrollElement: () => scroller.current,
    estimateSize: () => 320,
    overscan: 3,
  });
  const items = virtual.getVirtualItems();
  const last = items.at(-1)?.index ?? 0;
  useEffect(() => {
    if (last >= events.length - 5) onEnd();
    // eslint-disable-next-line react-hooks/exhaustive-deps -- one request for each page
  }, [last, events.length]);
  useEffect(() => {
    if (active >= 0) virtual.scrollToIndex(active, { align: 'auto' });
  }, [active, virtual]);

  useEffect(() => {
    if (showings > 0) scroller.current?.scrollTo({ top: 0 });
  }, [showings]);

  return (
    <div ref={scroller} className={css.scroller} role="region" aria-label={t('results')} tabIndex={0} onScroll={(event) => {
      onTop(event.currentTarget.scrollTop < 20);
    }}>
      <div style={{ height: virtual.getTotalSize(), position: 'relative' }}>
        {items.map((item) => {
          const event = events[item.index];
          if (!event) return null;
          return (
            <div
              key={event.id}
              ref={virtual.measureElement}
              data-index={item.index}
              data-active={item.index === active || undefined}
              className={css.jsonRow}
              style={{ transform: `translateY(${String(item.start)}px)` }}
              onDoubleClick={() => {
                onOpen(item.index);
              }}
            >
              <pre className="la-mono la-wrap" style={{ margin: 0 }}>
                {eventJson(event)}
              </pre>
            </div>
          );
        })}
      </div>
      {loading && <Loader size="xs" aria-label={t('loadingMore')} />}
    </div>
  );
}
