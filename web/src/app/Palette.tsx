import '../i18n/kit';

import { Modal } from '@mantine/core';
import { useDebouncedValue } from '@mantine/hooks';
import { IconArrowRight, IconBolt, IconFileSearch, IconHistory } from '@tabler/icons-react';
import { useQueries, useQueryClient } from '@tanstack/react-query';
import { useRouter } from '@tanstack/react-router';
import { useEffect, useId, useRef, useState } from 'react';
import { useTranslation } from 'react-i18next';

import { usePageActions } from '../kit/actions';
import { score } from '../kit/text';
import { useErrorText } from '../ui/errors';
import { Kbd } from '../ui/Kbd';
import { finders, type Found } from './finders';
import { useMay } from './session';
import { jumpOf, pages } from './nav';
import css from './palette.module.css';
import { recent, remember } from './recent';

interface Line {
  id: string;
  group: string;
  name: string;
  detail?: string | undefined;
  key?: string | undefined;
  icon: React.ReactNode;
  run: () => void;
}

const pauseMs = 250;
const shortest = 2;
const mostLocal = 8;

/** What the data has for a text: one question for each finder, asked when the typing pauses. */
function useFound(text: string) {
  const client = useQueryClient();
  const may = useMay();
  const { i18n } = useTranslation();
  const [asked] = useDebouncedValue(text, pauseMs);
  const allowed = finders.filter((finder) => may(finder.action));
  const results = useQueries({
    queries: allowed.map((finder) => ({
      queryKey: ['palette', finder.name, asked, i18n.language],
      queryFn: ({ signal }: { signal: AbortSignal }) => finder.find({ text: asked, language: i18n.language, signal, client }),
      enabled: asked.length >= shortest,
      staleTime: 30_000,
      retry: false,
    })),
  });
  return {
    found: allowed.map((finder, i) => ({ name: finder.name, items: asked === text ? (results[i]?.data ?? []) : [] })),
    searching: text.length >= shortest && (asked !== text || results.some((result) => result.isLoading)),
    error: results.find((result) => result.error)?.error,
  };
}

/** Everything by typing: pages, what this page can do, and what the data holds. */
export function Palette({ onClose }: { onClose: () => void }) {
  const { t } = useTranslation(['translation', 'kit']);
  const router = useRouter();
  const may = useMay();
  const actions = usePageActions();
  const errorText = useErrorText();
  const [typed, setTyped] = useState('');
  const [at, setAt] = useState(0);
  const list = useRef<HTMLDivElement>(null);
  const id = useId();
  const text = typed.trim();
  const { found, searching, error } = useFound(text);

  const go = (place: Found) => {
    remember(place);
    onClose();
    void router.navigate({ href: place.to });
  };
  const rank = <T extends { name: string }>(items: readonly T[]) =>
    items
      .map((item) => ({ item, points: score(item.name, text) }))
      .filter(({ points }) => points > 0)
      .sort((a, b) => b.points - a.points)
      .slice(0, text === '' ? undefined : mostLocal)
      .map(({ item }) => item);
  const link = (group: string, icon: React.ReactNode) => (place: Found) => ({
    id: `${group} ${place.to} ${place.name}`,
    group,
    name: place.name,
    detail: place.detail,
    icon,
    run: () => {
      go(place);
    },
  });

  const lines: Line[] = [
    ...(text === '' ? recent().map(link(t('kit:palette.recent'), <IconHistory size={16} />)) : []),
    ...rank(actions.filter((action) => !action.keyOnly && !action.off)).map((action) => ({
      id: `action ${action.id}`,
      group: t('kit:palette.actions'),
      name: action.name,
      key: action.key,
      icon: <IconBolt size={16} />,
      run: () => {
        onClose();
        // After the dialog has given the focus back, so that what the action opens keeps it.
        setTimeout(action.run);
      },
    })),
    ...rank(pages.filter((page) => may(page.action)).map((page) => ({ ...page, name: t(`nav.${page.name}`) }))).map((page) => ({
      ...link(t('kit:palette.pages'), <page.icon size={16} stroke={1.7} />)({ to: page.to, name: page.name }),
      detail: t(`nav.group.${page.group}`),
      key: jumpOf(page),
    })),
    ...(text.length >= shortest && may('event.read')
      ? [
          link(t('kit:palette.logs'), <IconFileSearch size={16} />)({
            to: `/search?${new URLSearchParams({ q: text }).toString()}`,
            name: t('kit:palette.inLogs', { text }),
          }),
        ]
      : []),
    ...found.flatMap(({ name, items }) => items.map(link(t(`kit:palette.${name}`), <IconArrowRight size={16} />))),
  ];
  const current = Math.min(at, lines.length - 1);
  const groups = [...new Set(lines.map((line) => line.group))];

  useEffect(() => {
    list.current?.querySelector('[aria-selected="true"]')?.scrollIntoView({ block: 'nearest' });
  }, [current, typed]);

  const press = (event: React.KeyboardEvent) => {
    const step = { ArrowDown: 1, ArrowUp: -1, PageDown: 8, PageUp: -8 }[event.key];
    if (step !== undefined) {
      const next = current + step;
      // One step goes around; a page stops at the end.
      setAt(Math.abs(step) === 1 ? (next + lines.length) % Math.max(1, lines.length) : Math.max(0, Math.min(lines.length - 1, next)));
    } else if (event.key === 'Enter' && !event.nativeEvent.isComposing) lines[current]?.run();
    else return;
    event.preventDefault();
  };

  return (
    <Modal.Root opened onClose={onClose} yOffset="12vh" size={640}>
      <Modal.Overlay backgroundOpacity={0.5} blur={1} />
      <Modal.Content aria-label={t('kit:palette.title')}>
      <input
        type="text"
        role="combobox"
        aria-expanded="true"
        aria-controls={`${id}list`}
        aria-activedescendant={lines[current] ? `${id}${String(current)}` : undefined}
        aria-autocomplete="list"
        aria-label={t('kit:palette.title')}
        placeholder={t('kit:palette.find')}
        autoComplete="off"
        spellCheck={false}
        data-autofocus
        className={css.input}
        value={typed}
        onChange={(event) => {
          setTyped(event.currentTarget.value);
          setAt(0);
        }}
        onKeyDown={press}
      />
      <div ref={list} id={`${id}list`} role="listbox" aria-label={t('kit:palette.title')} className={css.list} tabIndex={-1}>
        {groups.map((group) => (
          <div key={group} role="group" aria-label={group}>
            <div className={css.group} role="presentation">
              {group}
            </div>
            {lines.map((line, i) =>
              line.group === group ? (
                <div
                  key={line.id}
                  id={`${id}${String(i)}`}
                  role="option"
                  aria-selected={i === current}
                  className={css.line}
                  onPointerMove={() => {
                    setAt(i);
                  }}
                  onClick={line.run}
                >
                  {line.icon}
                  <span className={css.name}>{line.name}</span>
                  {line.detail && <span className={`la-clip ${css.detail ?? ''}`}>{line.detail}</span>}
                  {line.key && (
                    <span className={css.keys} aria-hidden="true">
                      <Kbd of={line.key} />
                    </span>
                  )}
                </div>
              ) : null,
            )}
          </div>
        ))}
      </div>
      <div className={css.foot}>
        <span role="status">
          {error
            ? t('kit:palette.failed', { reason: errorText(error).title })
            : searching
              ? t('kit:palette.searching')
              : lines.length === 0
                ? t('kit:palette.none', { text })
                : t('kit:palette.count', { count: lines.length })}
        </span>
        <span aria-hidden="true" className={css.hints}>
          <Kbd of="↑ ↓" /> {t('kit:palette.move')} <Kbd of="Enter" /> {t('kit:palette.run')} <Kbd of="Esc" /> {t('kit:palette.leave')}
        </span>
      </div>
      </Modal.Content>
    </Modal.Root>
  );
}
