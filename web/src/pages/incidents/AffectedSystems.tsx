import { ActionIcon, Autocomplete, Button, Checkbox, Select, Text } from '@mantine/core';
import { useDebouncedValue } from '@mantine/hooks';
import { IconPlus, IconTrash } from '@tabler/icons-react';
import { useQuery } from '@tanstack/react-query';
import { useTranslation } from 'react-i18next';

import { type AffectedSystem, systemsFoundQuery } from '../../api/incidentQueries';
import { useMay } from '../../app/session';
import css from './incidents.module.css';
import { useClocks } from './useClocks';

const maxTitle = 200;
const pauseMs = 250;

/** The systems an incident affects: of the register, or by name where they are not in it yet. */
export function AffectedSystems({ systems, change, error }: { systems: AffectedSystem[]; change: (next: AffectedSystem[]) => void; error: string | undefined }) {
  const { t } = useTranslation('incidents');
  const clocks = useClocks();
  const byLevel = [...new Set(['level', 'critical', 'military'].flatMap((property) => clocks.of(property)))];
  return (
    <div role="group" aria-label={t('field.systems')}>
      <Text size="sm" fw={500}>
        {t('field.systems')}
      </Text>
      {byLevel.length > 0 && (
        <Text size="xs" className="la-dim">
          {t('flag.levelClock', { titles: byLevel.join('; ') })}
        </Text>
      )}
      {systems.map((system, i) => (
        <One
          key={i}
          system={system}
          at={i}
          set={(next) => {
            change(systems.map((old, at) => (at === i ? next : old)));
          }}
          remove={() => {
            change(systems.filter((_, at) => at !== i));
          }}
        />
      ))}
      {error && (
        <Text size="xs" c="var(--mantine-color-error)">
          {error}
        </Text>
      )}
      <Button
        mt={6}
        size="compact-sm"
        variant="default"
        leftSection={<IconPlus size={14} />}
        onClick={() => {
          change([...systems, { name: '', level: 0, critical: false, military: false }]);
        }}
      >
        {t('system.add')}
      </Button>
    </div>
  );
}

interface OneProps {
  system: AffectedSystem;
  at: number;
  set: (next: AffectedSystem) => void;
  remove: () => void;
}

function One({ system, at, set, remove }: OneProps) {
  const { t } = useTranslation('incidents');
  const may = useMay();
  const [asked] = useDebouncedValue(system.id ? '' : system.name.trim(), pauseMs);
  const found = useQuery({ ...systemsFoundQuery(asked), enabled: asked !== '' && may('system.read') }).data?.items ?? [];
  const labels = new Map(found.map((one) => [`${one.code} ${one.name}`, one]));
  const name = system.name || String(at + 1);
  return (
    <div className={css.system}>
      <Autocomplete
        size="xs"
        label={t('system.name')}
        description={system.id ? t('system.registered', { code: system.code }) : asked !== '' && labels.size === 0 ? t('system.byName') : undefined}
        inputWrapperOrder={['label', 'input', 'description', 'error']}
        maxLength={maxTitle}
        value={system.name}
        data={[...labels.keys()]}
        filter={({ options }) => options}
        onChange={(text) => {
          const one = labels.get(text);
          if (one) set({ ...system, id: one.id, code: one.code, name: one.name, level: one.level || system.level, critical: one.critical });
          else if (text !== system.name) set({ name: text, level: system.level, critical: system.critical, military: system.military });
        }}
      />
      <Select
        size="xs"
        label={t('system.level')}
        allowDeselect={false}
        data={[0, 1, 2, 3, 4, 5].map((n) => ({ value: String(n), label: n === 0 ? t('system.unknown') : t('system.levelOf', { n }) }))}
        value={String(system.level)}
        onChange={(value) => {
          set({ ...system, level: Number(value) });
        }}
      />
      <div className={css.systemMarks}>
        <Checkbox
          size="xs"
          label={t('system.critical')}
          checked={system.critical}
          disabled={Boolean(system.id)}
          onChange={(event) => {
            set({ ...system, critical: event.currentTarget.checked });
          }}
        />
        <Checkbox
          size="xs"
          label={t('system.military')}
          checked={system.military}
          onChange={(event) => {
            set({ ...system, military: event.currentTarget.checked });
          }}
        />
      </div>
      <ActionIcon aria-label={t('system.remove', { name })} data-tip={t('system.remove', { name })} onClick={remove}>
        <IconTrash size={16} />
      </ActionIcon>
    </div>
  );
}
