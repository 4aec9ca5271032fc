import { Button, CloseButton, Popover, Text, TextInput, UnstyledButton } from '@mantine/core';
import { IconHistory, IconSearch } from '@tabler/icons-react';
import { type Ref, useState } from 'react';
import { useTranslation } from 'react-i18next';

import type { FieldsResult } from '../../api/types';
import { readHistory, writeHistory } from '../../lib/history';
import css from './search.module.css';

interface Problem {
  offset: number;
  length: number;
  message: string;
  expected: string[];
  code?: string;
}

interface Props {
  ref: Ref<HTMLInputElement>;
  value: string;
  onChange: (value: string) => void;
  onSubmit: (value: string) => void;
  problem: Problem | undefined;
  fields: FieldsResult | undefined;
}

const historyKey = 'lachan.search.history';
const examples = ['user:root', 'EventID:4625 AND NOT user:svc_*', 'status:>=500', '"Failed password"', 'src_ip:(10.0.0.1 OR 10.0.0.2)'];

/** The query with its faulty place marked, what is wrong and what would be right. */
function ProblemLine({ query, problem }: { query: string; problem: Problem }) {
  const { t, i18n } = useTranslation();
  // The server counts as JavaScript does.
  const start = problem.offset;
  const end = problem.offset + problem.length;
  // The server's words are English; where it gives a code the catalogue has words of its own.
  const key = `syntax.${(problem.code ?? '').replaceAll('.', '_')}`;
  const message = problem.code && i18n.exists(key) ? t(key as 'syntax.query_value-missing') : problem.message;
  const marked = query.slice(start, end);
  return (
    <div id="query-problem" role="alert" className={css.problem}>
      <code className="la-mono la-wrap">
        {query.slice(0, start)}
        <mark className={css.mark}>{marked === '' ? '\u2009' : marked}</mark>
        {query.slice(end)}
      </code>
      <div>
        <b>{t('search.problemAt', { position: start + 1 })}</b> {message}
        {problem.expected.length > 0 && (
          <span className="la-dim">
            {' '}
            {t('search.expected')} {problem.expected.join(' · ')}
          </span>
        )}
      </div>
    </div>
  );
}

export function QueryBar({ ref, value, onChange, onSubmit, problem, fields }: Props) {
  const { t } = useTranslation();
  const [focused, setFocused] = useState(false);
  const history = readHistory(historyKey);
  const submit = (query: string) => {
    const trimmed = query.trim();
    if (trimmed) writeHistory(historyKey, trimmed);
    onSubmit(trimmed);
    setFocused(false);
  };

  // While a field's name is being typed, offer the fields the events really have.
  const word = /(?:^|[\s(])([\p{L}\p{N}_@.-]{2,})$/u.exec(value)?.[1];
  const matching = word
    ? (fields?.fields ?? []).filter((f) => f.name.toLowerCase().startsWith(word.toLowerCase()) && f.name !== word).slice(0, 6)
    : [];
  const suggestions = value === '' ? (history.length > 0 ? history : examples) : [];
  const open = focused && (suggestions.length > 0 || matching.length > 0);

  return (
    <form
      className={css.query}
      role="search"
      onSubmit={(event) => {
        event.preventDefault();
        submit(value);
      }}
    >
      <Popover opened={open} position="bottom-start" width="target" shadow="md" offset={4} trapFocus={false} returnFocus={false}>
        <Popover.Target>
          <TextInput
            ref={ref}
            value={value}
            onChange={(event) => {
              setFocused(true);
              onChange(event.currentTarget.value);
            }}
            onFocus={() => {
              setFocused(true);
            }}
            onBlur={() => {
              setFocused(false);
            }}
            onKeyDown={(event) => {
              if (event.key === 'Escape') {
                setFocused(false);
                event.currentTarget.blur();
              }
            }}
            role="combobox"
            aria-autocomplete="list"
            aria-label={t('search.query')}
            aria-invalid={problem !== undefined}
            aria-describedby={problem ? 'query-problem' : undefined}
            error={problem !== undefined}
            placeholder={t('search.placeholder')}
            leftSection={<IconSearch size={16} />}
            rightSection={
              value !== '' ? (
                <CloseButton
                  size="sm"
                  aria-label={t('search.clear')}
                  onClick={() => {
                    onChange('');
                    onSubmit('');
                  }}
                />
              ) : (
                <span className="la-kbd" aria-hidden="true">
                  /
                </span>
              )
            }
            autoComplete="off"
            spellCheck={false}
            classNames={{ input: css.queryInput }}
          />
        </Popover.Target>
        <Popover.Dropdown p={6}>
          {matching.map((f) => (
            <UnstyledButton
              key={f.name}
              className={css.suggestion}
              tabIndex={-1}
              onMouseDown={(event) => {
                event.preventDefault();
                onChange(`${value.slice(0, value.length - (word?.length ?? 0))}${f.name}:`);
              }}
            >
              <code>{f.name}:</code>
            </UnstyledButton>
          ))}
          {suggestions.length > 0 && (
            <Text size="xs" className="la-dim" px={8} py={4}>
              {history.length > 0 ? t('search.recent') : t('search.examples')}
            </Text>
          )}
          {suggestions.map((query) => (
            <UnstyledButton
              key={query}
              className={css.suggestion}
              tabIndex={-1}
              onMouseDown={(event) => {
                event.preventDefault();
                onChange(query);
                submit(query);
              }}
            >
              <IconHistory size={14} className="la-dim" />
              <code className="la-clip">{query}</code>
            </UnstyledButton>
          ))}
        </Popover.Dropdown>
      </Popover>
      <Button type="submit" className={css.submit}>
        {t('search.submit')}
      </Button>
      {problem && <ProblemLine query={value} problem={problem} />}
    </form>
  );
}
