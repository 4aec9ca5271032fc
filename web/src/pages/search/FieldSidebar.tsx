import { ActionIcon, Group, Text, TextInput, Tooltip, UnstyledButton } from '@mantine/core';
import { IconChevronRight, IconColumnInsertRight, IconColumnRemove, IconFilter, IconMinus, IconPlus } from '@tabler/icons-react';
import { useState } from 'react';
import { useTranslation } from 'react-i18next';

import type { FieldsResult, FieldSummary } from '../../api/types';
import { fold, formatCompact, formatNumber } from '../../lib/format';
import { Rows } from '../../ui/State';
import css from './search.module.css';

interface Actions {
  columns: string[];
  onToggleColumn: (name: string) => void;
  onFilter: (field: string, value: string, negate: boolean) => void;
  onExists: (name: string) => void;
}

interface Props extends Actions {
  data: FieldsResult | undefined;
  pending: boolean;
}

function Field({ field, sampled, columns, onToggleColumn, onFilter, onExists }: Actions & { field: FieldSummary; sampled: number }) {
  const { t, i18n } = useTranslation();
  const [open, setOpen] = useState(false);
  const shown = columns.includes(field.name);
  const share = (n: number) => `${formatNumber((100 * n) / Math.max(1, field.count), i18n.language)}%`;
  return (
    <li>
      <div className={css.fieldHead}>
        <UnstyledButton
          className={css.fieldName}
          aria-expanded={open}
          onClick={() => {
            setOpen(!open);
          }}
        >
          <IconChevronRight size={13} style={{ transform: open ? 'rotate(90deg)' : 'none', flex: 'none' }} />
          <span className="la-clip" title={field.name}>
            {field.name}
          </span>
          <span className="la-dim la-num" style={{ marginLeft: 'auto', fontSize: 11.5 }}>
            {formatCompact(field.count, i18n.language)}
          </span>
        </UnstyledButton>
        <Tooltip label={shown ? t('search.removeColumn') : t('search.addColumn')}>
          <ActionIcon
            size={24}
            variant={shown ? 'light' : 'subtle'}
            color={shown ? 'pine' : 'gray'}
            aria-label={t(shown ? 'search.removeColumnOf' : 'search.addColumnOf', { field: field.name })}
            aria-pressed={shown}
            onClick={() => {
              onToggleColumn(field.name);
            }}
          >
            {shown ? <IconColumnRemove size={14} /> : <IconColumnInsertRight size={14} />}
          </ActionIcon>
        </Tooltip>
      </div>
      {open && (
        <div className={css.top5}>
          {field.top.map(({ value, count }) => (
            <div key={value} className={css.value}>
              <div className={css.valueText}>
                <span className="la-clip" title={value}>
                  {value === '' ? t('search.emptyValue') : value}
                </span>
                <span className="la-dim la-num">{share(count)}</span>
              </div>
              <span className={css.valueBar} aria-hidden="true">
                <span style={{ width: share(count).replace(',', '.') }} />
              </span>
              <ActionIcon
                size={24}
                aria-label={t('search.onlyValue', { value })}
                onClick={() => {
                  onFilter(field.name, value, false);
                }}
              >
                <IconPlus size={13} />
              </ActionIcon>
              <ActionIcon
                size={24}
                aria-label={t('search.withoutValue', { value })}
                onClick={() => {
                  onFilter(field.name, value, true);
                }}
              >
                <IconMinus size={13} />
              </ActionIcon>
            </div>
          ))}
          <Group justify="space-between" gap={4}>
            <UnstyledButton
              className={css.link}
              onClick={() => {
                onExists(field.name);
              }}
            >
              {t('search.exists')}
            </UnstyledButton>
            <span className="la-dim la-num" style={{ fontSize: 11.5 }}>
              {t('search.inSample', {
                share: formatNumber((100 * field.count) / Math.max(1, sampled), i18n.language),
              })}
            </span>
          </Group>
        </div>
      )}
    </li>
  );
}

export function FieldSidebar({ data, pending, ...actions }: Props) {
  const { t, i18n } = useTranslation();
  const [text, setText] = useState('');
  const wanted = fold(text.trim());
  const fields = (data?.fields ?? []).filter((f) => wanted === '' || fold(f.name).includes(wanted));
  const chosen = fields.filter((f) => actions.columns.includes(f.name));
  const others = fields.filter((f) => !actions.columns.includes(f.name));
  return (
    <div className={css.fields}>
      <TextInput
        size="xs"
        value={text}
        onChange={(event) => {
          setText(event.currentTarget.value);
        }}
        placeholder={t('search.findField')}
        aria-label={t('search.findField')}
        leftSection={<IconFilter size={14} />}
      />
      <div className={css.fieldScroll} tabIndex={0} role="region" aria-label={t('search.fields')}>
        {pending && <Rows count={12} height={12} />}
        {chosen.length > 0 && <Text className={css.fieldGroup}>{t('search.shownFields')}</Text>}
        <ul>
          {chosen.map((field) => (
            <Field key={field.name} field={field} sampled={data?.sampled ?? 0} {...actions} />
          ))}
        </ul>
        {others.length > 0 && (
          <Text className={css.fieldGroup}>
            {t('search.foundFields', { n: formatNumber(others.length, i18n.language) })}
          </Text>
        )}
        <ul>
          {others.map((field) => (
            <Field key={field.name} field={field} sampled={data?.sampled ?? 0} {...actions} />
          ))}
        </ul>
      </div>
      {data && data.sampled > 0 && (
        <Text size="xs" className="la-dim">
          {t('search.sampled', { n: formatNumber(data.sampled, i18n.language) })}
        </Text>
      )}
    </div>
  );
}
