import { ActionIcon, Group, Text, TextInput, Tooltip } from '@mantine/core';
import { IconFilter, IconMinus, IconPin, IconPinnedOff, IconPlus } from '@tabler/icons-react';
import { Fragment, useState } from 'react';
import { useTranslation } from 'react-i18next';

import type { LogEvent } from '../../api/types';
import { fieldEntries } from '../../lib/events';
import { fold } from '../../lib/format';
import { Copy } from '../../ui/Copy';
import css from './drawer.module.css';

interface Props {
  event: LogEvent;
  columns: readonly string[] | undefined;
  onToggleColumn: ((name: string) => void) | undefined;
  onFilter: (field: string, value: string, negate: boolean) => void;
}

/** All fields of an event, each value with what can be done with it. */
export function EventFields({ event, columns, onToggleColumn, onFilter }: Props) {
  const { t } = useTranslation(['translation', 'search']);
  const [text, setText] = useState('');
  const wanted = fold(text.trim());
  const entries = fieldEntries(event).filter(
    ([name, values]) => wanted === '' || fold(name).includes(wanted) || values.some((value) => fold(value).includes(wanted)),
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
          {entries.map(([name, values]) => (
            <Fragment key={name}>
              {values.map((value, i) => (
                <tr key={`${name} ${String(i)}`}>
                  {i === 0 && (
                    <th scope="row" rowSpan={values.length}>
                      {name}
                    </th>
                  )}
                  <td className="la-mono la-wrap">{value}</td>
                  <td>
                    <Group gap={0} wrap="nowrap" justify="flex-end">
                      {([false, true] as const).map((negate) => (
                        <Tooltip key={String(negate)} label={t(negate ? 'event.without' : 'event.only')}>
                          <ActionIcon
                            size={24}
                            aria-label={t(negate ? 'search:withoutValue' : 'search:onlyValue', { value: `${name} = ${value}` })}
                            onClick={() => {
                              onFilter(name, value, negate);
                            }}
                          >
                            {negate ? <IconMinus size={14} /> : <IconPlus size={14} />}
                          </ActionIcon>
                        </Tooltip>
                      ))}
                      {onToggleColumn && i === 0 && (
                        <Tooltip label={t(columns?.includes(name) ? 'search:removeColumn' : 'search:addColumn')}>
                          <ActionIcon
                            size={24}
                            aria-label={t(columns?.includes(name) ? 'search:removeColumnOf' : 'search:addColumnOf', { field: name })}
                            onClick={() => {
                              onToggleColumn(name);
                            }}
                          >
                            {columns?.includes(name) ? <IconPinnedOff size={14} /> : <IconPin size={14} />}
                          </ActionIcon>
                        </Tooltip>
                      )}
                      <Copy value={value} label={t('event.copyValue', { field: name })} />
                    </Group>
                  </td>
                </tr>
              ))}
            </Fragment>
          ))}
        </tbody>
      </table>
    </>
  );
}
