import { Button, CloseButton, Popover, TextInput } from '@mantine/core';
import { IconHistory, IconSearch } from '@tabler/icons-react';
import { type KeyboardEvent, type Ref, useId, useImperativeHandle, useLayoutEffect, useRef, useState } from 'react';
import { useTranslation } from 'react-i18next';

import type { Bounds } from '../../api/searchQueries';
import { accept, placeOf, type Suggestion } from '../../lib/complete';
import { formatCompact } from '../../lib/format';
import type { UnknownField } from '../../api/types';
import { type Problem, QueryProblem, UnknownFields } from './QueryProblem';
import css from './search.module.css';
import { useSuggestions } from './useSuggestions';

interface Props {
  ref: Ref<{ focus: () => void }>;
  value: string;
  onChange: (value: string) => void;
  onSubmit: (value: string) => void;
  bounds: Bounds;
  problem: Problem | undefined;
  unknown: readonly UnknownField[];
  /** What was asked before, newest first. */
  recent: readonly string[];
}

const examples = ['user:root', 'EventID:4625 AND NOT user:svc_*', 'src_ip:10.0.0.0/8', '"Failed password"', '| top 10 host', '| timechart 1h by product'];

interface Option {
  key: string;
  suggestion?: Suggestion;
  query?: string;
}

/** The options in a ring with one place, -1, where none is chosen. */
function nextOption(chosen: number, step: number, count: number): number {
  return ((chosen + 1 + step + count + 1) % (count + 1)) - 1;
}

/** Where a query is typed: completed from the stored events, and marked where it cannot be read. */
export function QueryBar({ ref, value, onChange, onSubmit, bounds, problem, unknown, recent }: Props) {
  const { t, i18n } = useTranslation('search');
  const id = useId();
  const input = useRef<HTMLInputElement>(null);
  useImperativeHandle(ref, () => ({
    focus: () => {
      input.current?.focus();
      input.current?.select();
    },
  }));
  const [caret, setCaret] = useState(value.length);
  const wantCaret = useRef<number>(undefined);
  const [open, setOpen] = useState(false);
  const [chosen, setChosen] = useState(-1);
  const [recalled, setRecalled] = useState(-1);

  const place = placeOf(value, Math.min(caret, value.length));
  const suggestions = useSuggestions(place, bounds, open && value !== '');
  const whole: readonly string[] = recent.length > 0 ? recent.slice(0, 10) : examples;
  const options: Option[] =
    value === ''
      ? whole.map((query) => ({ key: query, query }))
      : suggestions.map((suggestion) => ({ key: `${suggestion.kind} ${suggestion.label}`, suggestion }));
  const shown = open && options.length > 0;

  // The caret goes where the completed text ends, after the text is in place.
  useLayoutEffect(() => {
    const at = wantCaret.current;
    if (at === undefined) return;
    wantCaret.current = undefined;
    input.current?.setSelectionRange(at, at);
  }, [value, caret]);
  const put = (text: string, at: number) => {
    wantCaret.current = at;
    setCaret(at);
    onChange(text);
  };

  const type = (text: string, at: number) => {
    onChange(text);
    setCaret(at);
    setChosen(-1);
    setRecalled(-1);
    setOpen(true);
  };
  const submit = (query: string) => {
    setOpen(false);
    setChosen(-1);
    onSubmit(query.trim());
  };
  const take = (option: Option) => {
    if (option.query !== undefined) {
      onChange(option.query);
      submit(option.query);
      return;
    }
    if (!option.suggestion) return;
    const done = accept(value, caret, place, option.suggestion);
    put(done.text, done.caret);
    setChosen(-1);
    setOpen(true);
  };
  const recall = (step: number) => {
    const next = Math.max(-1, Math.min(recent.length - 1, recalled + step));
    setRecalled(next);
    const text = next < 0 ? '' : (recent[next] ?? '');
    put(text, text.length);
    setOpen(false);
  };

  const onKeyDown = (event: KeyboardEvent<HTMLInputElement>) => {
    if (event.nativeEvent.isComposing) return;
    const arrow = event.key === 'ArrowDown' ? 1 : event.key === 'ArrowUp' ? -1 : 0;
    const option = shown ? options[chosen] : undefined;
    if (arrow !== 0 && (event.ctrlKey || (!shown && recalled >= 0) || (!shown && value === '' && arrow < 0))) recall(-arrow);
    else if (arrow !== 0 && shown) setChosen(nextOption(chosen, arrow, options.length));
    else if (arrow > 0 || (event.key === ' ' && event.ctrlKey)) setOpen(true);
    else if ((event.key === 'Enter' || event.key === 'Tab') && option) take(option);
    else if (event.key === 'Escape') {
      if (shown) setOpen(false);
      else event.currentTarget.blur();
    } else return;
    event.preventDefault();
  };

  return (
    <form
      className={css.query}
      role="search"
      onSubmit={(event) => {
        event.preventDefault();
        submit(value);
      }}
    >
      <Popover opened={shown} position="bottom-start" width="target" shadow="md" offset={4} trapFocus={false} returnFocus={false} withRoles={false}>
        <Popover.Target>
          <TextInput
            ref={input}
            value={value}
            onChange={(event) => {
              type(event.currentTarget.value, event.currentTarget.selectionStart ?? event.currentTarget.value.length);
            }}
            onSelect={(event) => {
              setCaret(event.currentTarget.selectionStart ?? value.length);
            }}
            onFocus={() => {
              if (value === '') setOpen(true);
            }}
            onBlur={() => {
              setOpen(false);
              setChosen(-1);
            }}
            onKeyDown={onKeyDown}
            role="combobox"
            aria-autocomplete="list"
            aria-expanded={shown}
            aria-controls={shown ? `${id}-list` : undefined}
            aria-activedescendant={shown && chosen >= 0 ? `${id}-${String(chosen)}` : undefined}
            aria-label={t('query')}
            aria-invalid={problem !== undefined}
            aria-describedby={problem ? `${id}-problem` : undefined}
            error={problem !== undefined}
            placeholder={t('placeholder')}
            leftSection={<IconSearch size={16} />}
            rightSection={
              value !== '' ? (
                <CloseButton
                  size="sm"
                  aria-label={t('clear')}
                  onClick={() => {
                    onChange('');
                    submit('');
                  }}
                />
              ) : (
                <span className="la-kbd" aria-hidden="true">
                  /
                </span>
              )
            }
            autoComplete="off"
            autoCapitalize="off"
            spellCheck={false}
            classNames={{ input: css.queryInput }}
          />
        </Popover.Target>
        <Popover.Dropdown p={6}>
          {value === '' && <div className={css.listHead}>{recent.length > 0 ? t('recent') : t('examples')}</div>}
          <div role="listbox" id={`${id}-list`} aria-label={t('suggestions')} className={css.suggestions}>
            {options.map(({ key, query, suggestion }, i) => (
              <div
                key={key}
                id={`${id}-${String(i)}`}
                role="option"
                aria-selected={i === chosen}
                className={css.suggestion}
                onMouseDown={(event) => {
                  event.preventDefault();
                  take({ key, ...(query !== undefined && { query }), ...(suggestion && { suggestion }) });
                }}
              >
                {query !== undefined && <IconHistory size={14} className="la-dim" />}
                <code className="la-clip">{query ?? (suggestion?.label === '' ? t('emptyValue') : suggestion?.label)}</code>
                {suggestion && (
                  <span className={css.suggestionKind}>
                    {suggestion.count !== undefined && <span className="la-num">{formatCompact(suggestion.count, i18n.language)}</span>}
                    {t(`suggestion.${suggestion.kind}`)}
                  </span>
                )}
              </div>
            ))}
          </div>
          <div className={css.listFoot}>
            {problem && (
              <span className={css.footProblem}>
                {t('problemAt', { position: problem.offset + 1 })} {problem.expected.length > 0 && `${t('expected')} ${problem.expected.join(' · ')}`}
              </span>
            )}
            {t('suggestionKeys')}
          </div>
        </Popover.Dropdown>
      </Popover>
      <Button type="submit" className={css.submit}>
        {t('submit')}
      </Button>
      {problem && <QueryProblem id={`${id}-problem`} query={value} problem={problem} />}
      {!problem && unknown.length > 0 && (
        <UnknownFields
          query={value}
          unknown={unknown}
          onFix={(query) => {
            onChange(query);
            submit(query);
          }}
        />
      )}
    </form>
  );
}
