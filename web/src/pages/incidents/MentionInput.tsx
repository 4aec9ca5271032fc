import '../../i18n/casework';

import { Textarea } from '@mantine/core';
import { useQuery } from '@tanstack/react-query';
import { useId, useRef, useState } from 'react';
import { useTranslation } from 'react-i18next';

import { audienceQuery } from '../../api/caseworkQueries';
import { matches } from '../../kit/text';
import { mentionAt } from '../../lib/mention';
import css from './casework.module.css';

const most = 8;

interface Props {
  incident: string;
  label: string;
  placeholder: string;
  value: string;
  error?: string | undefined;
  onChange: (text: string) => void;
}

/** A text in which "@" offers those who may see the incident. */
export function MentionInput({ incident, label, placeholder, value, error, onChange }: Props) {
  const { t } = useTranslation('casework');
  const area = useRef<HTMLTextAreaElement>(null);
  const id = useId();
  const [caret, setCaret] = useState<number>();
  const [at, setAt] = useState(0);
  const mention = caret === undefined ? undefined : mentionAt(value, caret);
  const audience = useQuery({ ...audienceQuery(incident), enabled: mention !== undefined });
  const people = mention ? (audience.data?.items ?? []).filter((one) => mention.typed === '' || matches(`${one.username} ${one.displayName}`, mention.typed)).slice(0, most) : [];
  const open = people.length > 0;
  const active = Math.min(at, people.length - 1);
  const choose = (username: string) => {
    if (!mention || caret === undefined) return;
    const before = `${value.slice(0, mention.start)}@${username} `;
    onChange(before + value.slice(caret).replace(/^ /, ''));
    setCaret(undefined);
    requestAnimationFrame(() => {
      area.current?.focus();
      area.current?.setSelectionRange(before.length, before.length);
    });
  };
  const move = (by: number) => {
    setAt((active + by + people.length) % people.length);
  };
  return (
    <div className={css.mention}>
      <Textarea
        ref={area}
        aria-label={label}
        description={t('mention.hint')}
        inputWrapperOrder={['input', 'description', 'error']}
        placeholder={placeholder}
        autosize
        minRows={2}
        maxRows={12}
        maxLength={20_000}
        value={value}
        error={error}
        aria-autocomplete="list"
        aria-controls={open ? `${id}list` : undefined}
        aria-activedescendant={open ? `${id}${String(active)}` : undefined}
        onChange={(event) => {
          onChange(event.currentTarget.value);
          setCaret(event.currentTarget.selectionStart);
          setAt(0);
        }}
        onBlur={() => {
          setCaret(undefined);
        }}
        onKeyDown={(event) => {
          if (!open || event.ctrlKey || event.metaKey) return;
          const chosen = people[active];
          if (event.key === 'ArrowDown') move(1);
          else if (event.key === 'ArrowUp') move(-1);
          else if ((event.key === 'Enter' || event.key === 'Tab') && chosen) choose(chosen.username);
          else if (event.key === 'Escape') setCaret(undefined);
          else return;
          event.preventDefault();
          event.stopPropagation();
        }}
      />
      {open && (
        <ul className={css.people} role="listbox" id={`${id}list`} aria-label={t('mention.list')}>
          {people.map((one, i) => (
            <li
              key={one.id}
              id={`${id}${String(i)}`}
              role="option"
              aria-selected={i === active}
              // The text keeps the focus.
              onMouseDown={(event) => {
                event.preventDefault();
                choose(one.username);
              }}
            >
              <b>{one.displayName}</b> <span className="la-dim">@{one.username}</span>
            </li>
          ))}
        </ul>
      )}
    </div>
  );
}
