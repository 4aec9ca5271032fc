import { Button, Checkbox, Group, NumberInput, Select, SegmentedControl, Stack, Text, TextInput } from '@mantine/core';
import { useState } from 'react';
import { useTranslation } from 'react-i18next';

import { boardRanges, type Widget, type WidgetKind } from '../../api/boardQueries';
import { size } from '../../lib/boardLayout';
import { levels } from '../../lib/levels';
import { Dialog } from '../../ui/Dialog';
import { useHow } from './useHow';

interface Props {
  widget: Widget;
  kind: WidgetKind | undefined;
  onChange: (what: Partial<Widget>) => void;
  onClose: () => void;
}

/** What one figure can be set to; told to the board when it is closed. */
export function WidgetDialog({ widget, kind, onChange, onClose }: Props) {
  const { t } = useTranslation(['boards', 'translation']);
  const { language } = useHow();
  const [draft, setDraft] = useState(widget);
  const set = (what: Partial<Widget>) => {
    setDraft({ ...draft, ...what });
  };
  const done = () => {
    onChange({ ...draft, title: draft.title?.trim() ?? '' });
    onClose();
  };
  const drawn = kind?.form !== 'table' && kind?.form !== 'text';
  return (
    <Dialog opened onClose={onClose} title={`${t('boards:widget.title')}: ${kind?.name[language] ?? widget.kind}`}>
      <form
        onSubmit={(event) => {
          event.preventDefault();
          done();
        }}
      >
        <Stack gap="sm">
          <Text size="sm" className="la-dim">
            {kind?.about[language]}
          </Text>
          <TextInput
            label={t('boards:widget.name')}
            placeholder={kind?.name[language] ?? ''}
            maxLength={120}
            value={draft.title ?? ''}
            onChange={(event) => {
              set({ title: event.currentTarget.value });
            }}
          />
          <Group grow align="start">
            <NumberInput label={t('boards:widget.width')} min={size.leastW} max={size.mostW} value={draft.w} onChange={(w) => { set({ w: Number(w) || draft.w }); }} />
            <NumberInput label={t('boards:widget.height')} min={size.leastH} max={size.mostH} value={draft.h} onChange={(h) => { set({ h: Number(h) || draft.h }); }} />
          </Group>
          {kind !== undefined && kind.limit > 0 && (
            <NumberInput label={t('boards:widget.limit')} min={1} max={50} value={draft.limit ?? kind.limit} onChange={(limit) => { set({ limit: Number(limit) || kind.limit }); }} />
          )}
          {kind?.levels && (
            <Checkbox.Group label={t('boards:widget.levels')} value={draft.levels?.length ? draft.levels : [...levels]} onChange={(chosen) => { set({ levels: chosen.length === levels.length ? null : (chosen as Widget['levels']) ?? null }); }}>
              <Group gap="sm" mt={4}>
                {levels.map((level) => (
                  <Checkbox key={level} value={level} label={t(`translation:level.${level}`)} />
                ))}
              </Group>
            </Checkbox.Group>
          )}
          {drawn && (
            <Stack gap={4}>
              <Text size="sm" fw={500} id="display">
                {t('boards:widget.display')}
              </Text>
              <SegmentedControl
                aria-labelledby="display"
                value={draft.display ?? 'chart'}
                onChange={(display) => {
                  set({ display: display === 'table' ? 'table' : 'chart' });
                }}
                data={[
                  { value: 'chart', label: t('boards:widget.chart') },
                  { value: 'table', label: t('boards:widget.table') },
                ]}
              />
            </Stack>
          )}
          {!kind?.now && (
            <Select
              label={t('boards:widget.range')}
              value={draft.range ?? ''}
              onChange={(range) => {
                set({ range: range ?? '' });
              }}
              data={[{ value: '', label: t('boards:widget.asBoard') }, ...boardRanges.map((value) => ({ value, label: t(`boards:ranges.${value}`) }))]}
            />
          )}
          <Button type="submit">{t('boards:widget.done')}</Button>
        </Stack>
      </form>
    </Dialog>
  );
}
