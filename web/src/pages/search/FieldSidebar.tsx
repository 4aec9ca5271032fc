import { ActionIcon, Group, Text, TextInput, Tooltip, UnstyledButton } from '@mantine/core';
import { IconChevronRight, IconFilter, IconMinus, IconPin, IconPinnedOff, IconPlus } from '@tabler/icons-react';
import { type KeyboardEvent, useState } from 'react';
import { useTranslation } from 'react-i18next';

import type { FieldsResult, FieldSummary } from '../../api/types';
import { fold, formatNumber } from '../../lib/format';
import { Rows } from '../../ui/State';
import css from './fields.module.css';

interface Actions {
  columns: readonly string[];
  onToggleColumn: (name: string) => void;
  onFilter: (field: string, value: string, negate: boolean) => void;
  onExists: (name: string, negate: boolean) => void;
  onTable: (name: string) => void;
}

interface Props extends Actions {
  data: FieldsResult | undefined;
  pending: boolean;
}

function useShare() {
  const { i18n } = useTranslation();
  return (n: number, of: number) => {
    const percent = (100 * n) / Math.max(1, of);
    const little = percent > 0 && percent < 0.1;
    return { width: `${String(percent)}%`, text: `${little ? '<' : ''}${formatNumber(little ? 0.1 : percent, i18n.language)}%` };
  };
}

function Field({ field, sampled, columns, onToggleColumn, onFilter, onExists, onTable }: Actions & { field: FieldSummary; sampled: number }) {
  const { t, i18n } = useTranslation('search');
  const [open, setOpen] = useState(false);
  const shown = columns.includes(field.name);
  const share = useShare();
  const ofAll = share(field.count, sampled);
  return (
    <li>
      <div className={css.head}>
        <UnstyledButton
          className={css.name}
          data-field
          aria-expanded={open}
          onClick={() => {
            setOpen(!open);
          }}
        >
          <IconChevronRight size={13} style={{ transform: open ? 'rotate(90deg)' : 'none', flex: 'none' }} />
          <span className="la-clip" title={field.name}>
            {field.name}
          </span>
          <span className={`la-dim la-num ${css.share ?? ''}`} title={t('fieldCount', { n: formatNumber(field.count, i18n.language), all: formatNumber(sampled, i18n.language) })}>
            {ofAll.text}
          </span>
        </UnstyledButton>
        <Tooltip label={shown ? t('removeColumn') : t('addColumn')}>
          <ActionIcon
            size={24}
            variant={shown ? 'light' : 'subtle'}
            color={shown ? 'pine' : 'gray'}
            aria-label={t(shown ? 'removeColumnOf' : 'addColumnOf', { field: field.name })}
            aria-pressed={shown}
            onClick={() => {
              onToggleColumn(field.name);
            }}
          >
            {shown ? <IconPinnedOff size={14} /> : <IconPin size={14} />}
          </ActionIcon>
        </Tooltip>
      </div>
      {open && (
        <div className={css.values}>
          {field.top.map(({ value, count }) => {
            const part = share(count, field.count);
            return (
              <div key={value} className={css.value}>
                <div className={css.valueText}>
                  <span className="la-clip" title={value}>
                    {value === '' ? t('emptyValue') : value}
                  </span>
                  <span className="la-dim la-num">{part.text}</span>
                </div>
                <span className={css.bar} aria-hidden="true">
                  <span style={{ width: part.width }} />
                </span>
                {([false, true] as const).map((negate) => (
                  <ActionIcon
                    key={String(negate)}
                    size={24}
                    aria-label={t(negate ? 'withoutValue' : 'onlyValue', { value: `${field.name} = ${value}` })}
                    onClick={() => {
                      onFilter(field.name, value, negate);
                    }}
                  >
                    {negate ? <IconMinus size={13} /> : <IconPlus size={13} />}
                  </ActionIcon>
                ))}
              </div>
            );
          })}
          <Group gap={12}>
            <UnstyledButton
              className={css.link}
              onClick={() => {
                onExists(field.name, false);
              }}
            >
              {t('exists')}
            </UnstyledButton>
            <UnstyledButton
              className={css.link}
              onClick={() => {
                onExists(field.name, true);
              }}
            >
              {t('missing')}
            </UnstyledButton>
            <UnstyledButton
              className={css.link}
              onClick={() => {
                onTable(field.name);
              }}
            >
              {t('allValues')}
            </UnstyledButton>
          </Group>
        </div>
      )}
    </li>
  );
}

/** Arrow keys go from field to field, so that the list is one stop and not a hundred. */
function walk(event: KeyboardEvent<HTMLElement>) {
  const step = event.key === 'ArrowDown' ? 1 : event.key === 'ArrowUp' ? -1 : 0;
  if (step === 0) return;
  const list = [...event.currentTarget.querySelectorAll<HTMLElement>('[data-field]')];
  const at = list.findIndex((element) => element === document.activeElement);
  const next = list[at < 0 ? 0 : Math.min(list.length - 1, Math.max(0, at + step))];
  if (!next) return;
  event.preventDefault();
  next.focus();
}

export function FieldSidebar({ data, pending, ...actions }: Props) {
  const { t, i18n } = useTranslation('search');
  const [text, setText] = useState('');
  const wanted = fold(text.trim());
  const fields = (data?.fields ?? []).filter((f) => wanted === '' || fold(f.name).includes(wanted));
  const chosen = fields.filter((f) => actions.columns.includes(f.name));
  const others = fields.filter((f) => !actions.columns.includes(f.name));
  // What every event has says least about these.
  const own = others.filter((f) => !f.name.startsWith('_'));
  const core = others.filter((f) => f.name.startsWith('_'));
  const list = (items: FieldSummary[]) => (
    <ul>
      {items.map((field) => (
        <Field key={field.name} field={field} sampled={data?.sampled ?? 0} {...actions} />
      ))}
    </ul>
  );
  return (
    <div className={css.fields} onKeyDown={walk}>
      <TextInput
        size="xs"
        value={text}
        onChange={(event) => {
          setText(event.currentTarget.value);
        }}
        placeholder={t('findField')}
        aria-label={t('findField')}
        leftSection={<IconFilter size={14} />}
      />
      <div className={css.scroll} tabIndex={0} role="region" aria-label={t('fields')}>
        {pending && <Rows count={12} height={12} />}
        {chosen.length > 0 && <Text className={css.group}>{t('shownFields')}</Text>}
        {list(chosen)}
        {own.length > 0 && <Text className={css.group}>{t('foundFields', { n: formatNumber(own.length, i18n.language) })}</Text>}
        {list(own)}
        {core.length > 0 && <Text className={css.group}>{t('coreFields')}</Text>}
        {list(core)}
        {!pending && fields.length === 0 && wanted !== '' && (
          <Text size="xs" className="la-dim" p={4}>
            {t('noField')}
          </Text>
        )}
      </div>
      {data?.partial && (
        <Text size="xs" style={{ color: 'var(--la-high)' }}>
          {t('partial')} {data.partial}
        </Text>
      )}
      {data && data.sampled > 0 && (
        <Text size="xs" className="la-dim">
          {t('sampled', { n: formatNumber(data.sampled, i18n.language) })}
        </Text>
      )}
    </div>
  );
}
