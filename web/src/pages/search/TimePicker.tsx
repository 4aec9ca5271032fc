import { Button, Divider, Group, Popover, SimpleGrid, Stack, Text } from '@mantine/core';
import { IconCalendarTime, IconChevronDown } from '@tabler/icons-react';
import { useState } from 'react';
import { useTranslation } from 'react-i18next';

import { DateRange, type Range } from '../../kit/DateRange';
import { readHistory, writeHistory } from '../../lib/history';
import { formatTime, isRelative, presetOf, presets, resolveRange, type TimeRange } from '../../lib/time';
import css from './search.module.css';

const historyKey = 'lachan.search.ranges';

/** A range in words. */
export function useRangeName(): (range: TimeRange) => string {
  const { t } = useTranslation();
  return (range) => {
    const preset = presetOf(range);
    if (preset) return t(`range.${preset}`);
    const name = (point: string) =>
      isRelative(point) ? (point === 'now' ? t('range.now') : point.replace('now', t('range.now'))) : formatTime(point);
    return `${name(range.from)} – ${name(range.to)}`;
  };
}

export function TimePicker({ range, onChange }: { range: TimeRange; onChange: (range: TimeRange) => void }) {
  const { t } = useTranslation();
  const rangeName = useRangeName();
  const [opened, setOpened] = useState(false);
  const [typed, setTyped] = useState<Range>({});
  const recent = readHistory(historyKey).map((text) => {
    const [a = '', b = ''] = text.split('|');
    return { from: a, to: b };
  });

  const choose = (next: TimeRange) => {
    setOpened(false);
    onChange(next);
  };
  const { from: start, to: end } = typed;
  const wrong = start !== undefined && end !== undefined && start >= end;
  const toggle = () => {
    if (!opened) {
      const bounds = resolveRange(range, Date.now());
      setTyped(bounds);
    }
    setOpened(!opened);
  };

  return (
    <Popover opened={opened} onChange={setOpened} position="bottom-end" shadow="md" trapFocus width={330}>
      <Popover.Target>
        <Button
          variant="default"
          size="sm"
          h={34}
          className={css.time}
          leftSection={<IconCalendarTime size={16} />}
          rightSection={<IconChevronDown size={14} />}
          onClick={toggle}
          aria-label={t('range.button', { range: rangeName(range) })}
        >
          <span className="la-num la-clip">{rangeName(range)}</span>
        </Button>
      </Popover.Target>
      <Popover.Dropdown>
        <Stack gap="xs">
          <Text size="xs" fw={620} className="la-dim">
            {t('range.relative')}
          </Text>
          <SimpleGrid cols={2} spacing={4} verticalSpacing={4}>
            {presets.map((preset) => (
              <Button
                key={preset}
                size="compact-sm"
                justify="flex-start"
                color={presetOf(range) === preset ? undefined : 'gray'}
                variant={presetOf(range) === preset ? 'light' : 'subtle'}
                styles={{ label: { fontWeight: 500 } }}
                c={presetOf(range) === preset ? undefined : 'var(--mantine-color-text)'}
                onClick={() => {
                  choose({ from: `now-${preset}`, to: 'now' });
                }}
              >
                {t(`range.${preset}`)}
              </Button>
            ))}
          </SimpleGrid>
          <Divider />
          <Text size="xs" fw={620} className="la-dim">
            {t('range.absolute')}
          </Text>
          <DateRange size="xs" nested value={typed} onChange={setTyped} />
          <Group justify="space-between">
            <Text size="xs" className="la-dim">
              {t('range.zone')}
            </Text>
            <Button
              size="compact-sm"
              disabled={start === undefined || end === undefined || wrong}
              onClick={() => {
                if (start === undefined || end === undefined) return;
                writeHistory(historyKey, `${start}|${end}`);
                choose({ from: start, to: end });
              }}
            >
              {t('range.apply')}
            </Button>
          </Group>
          {recent.length > 0 && (
            <>
              <Divider />
              <Text size="xs" fw={620} className="la-dim">
                {t('range.recent')}
              </Text>
              {recent.slice(0, 4).map((r) => (
                <Button
                  key={`${r.from}${r.to}`}
                  size="compact-xs"
                  variant="subtle"
                  color="gray"
                  justify="flex-start"
                  className="la-num"
                  onClick={() => {
                    choose(r);
                  }}
                >
                  {rangeName(r)}
                </Button>
              ))}
            </>
          )}
        </Stack>
      </Popover.Dropdown>
    </Popover>
  );
}
