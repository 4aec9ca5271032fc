import { ActionIcon, Button, MultiSelect, Radio, Stack, Text, TextInput } from '@mantine/core';
import { IconPlus, IconTrash } from '@tabler/icons-react';
import { useMutation, useQuery, useQueryClient } from '@tanstack/react-query';
import { useState } from 'react';
import { useTranslation } from 'react-i18next';

import { centreUnit } from '../../lib/centre';
import { unitsQuery } from '../../api/queries';
import type { Unit } from '../../api/types';
import { reorganise, type ReorganiseRequest, undoReorganisation, unitsChanged } from '../../api/unitQueries';
import { Form, useFieldErrors } from '../../kit/Form';
import { offerUndo } from '../../kit/undo';
import { Dialog } from '../../ui/Dialog';
import { DayInput, UnitSelect, useUnitChoices } from './fields';
import { dayBefore, freeId, showDay, today } from './tree';
import css from './units.module.css';

const kinds = ['merge', 'split', 'rename', 'end'] as const;
type Kind = (typeof kinds)[number];

const centre: ReadonlySet<string> = new Set([centreUnit]);

/** A decision on units: chosen, looked at as it will be, carried out, undone. */
export function ReorganiseDialog({ onClose, onDone }: { onClose: () => void; onDone: (id: string) => void }) {
  const { t } = useTranslation(['translation', 'units']);
  const client = useQueryClient();
  const units = useQuery(unitsQuery).data?.items ?? [];
  const known = new Map(units.map((u) => [u.id, u]));
  const choices = useUnitChoices(centre);
  const [kind, setKind] = useState<Kind>('merge');
  const [chosen, setChosen] = useState<string[]>([]);
  const [target, setTarget] = useState<'existing' | 'fresh'>('existing');
  const [into, setInto] = useState<string | null>(null);
  const [names, setNames] = useState(['', '']);
  const [day, setDay] = useState(today);
  const [decision, setDecision] = useState('');
  const [preview, setPreview] = useState(false);

  const one = kind === 'split' || kind === 'rename';
  const ending = one ? chosen.slice(0, 1) : chosen;
  const wanted = kind === 'split' ? names : names.slice(0, 1);
  const fresh = kind === 'split' || (kind === 'merge' && target === 'fresh');
  const taken = new Set(units.map((u) => u.id));
  const made = fresh
    ? wanted.map((name) => {
        const id = freeId(name, taken);
        taken.add(id);
        return { id, name: name.trim() };
      })
    : [];
  const ready =
    ending.length > 0 &&
    day !== '' &&
    (kind === 'end' || (kind === 'rename' ? (names[0] ?? '').trim() !== '' : fresh ? made.every((m) => m.name !== '') : into !== null));

  const request = (): ReorganiseRequest => ({
    kind,
    day,
    decision,
    units: ending.map((id) => ({ id, version: known.get(id)?.version ?? 0 })),
    ...(kind === 'rename' && { name: (names[0] ?? '').trim() }),
    ...(fresh && { into: made }),
    ...(kind === 'merge' && target === 'existing' && into !== null && { into: [{ id: into, version: known.get(into)?.version ?? 0 }] }),
  });
  const run = useMutation({
    mutationFn: () => reorganise(request()),
    onSuccess: async ({ id, units: touched }) => {
      await unitsChanged(client);
      offerUndo(t('units:re.done'), async () => {
        await undoReorganisation(id);
        await unitsChanged(client);
      });
      onDone(made[0]?.id ?? into ?? ending[0] ?? touched[0]?.id ?? '');
      onClose();
    },
    onError: () => {
      setPreview(false);
      void unitsChanged(client);
    },
  });
  const fieldError = useFieldErrors(run.error);
  const setName = (at: number, name: string) => {
    setNames(names.map((old, i) => (i === at ? name : old)));
  };

  if (preview) {
    const first = fresh ? made[0]?.name : known.get(into ?? '')?.name;
    return (
      <Dialog opened onClose={onClose} size="lg" title={t('units:re.title')}>
        <Form
          error={run.error}
          submit={t('units:re.do')}
          busy={run.isPending}
          danger={kind === 'end'}
          onSubmit={() => {
            run.mutate();
          }}
        >
          <Lines
            kind={kind}
            ending={ending.flatMap((id) => known.get(id) ?? [])}
            made={made}
            successor={first ?? ''}
            successors={fresh ? made.map((m) => m.name) : [first ?? '']}
            day={day}
            newName={(names[0] ?? '').trim()}
            children={units.filter((u) => u.parent !== null && ending.includes(u.parent) && u.status !== 'ended' && !ending.includes(u.id)).length}
          />
          {decision && <Text size="sm">{t('units:decisionOf', { decision, day: showDay(day) })}</Text>}
          <div>
            <Button
              variant="default"
              onClick={() => {
                setPreview(false);
              }}
            >
              {t('units:re.back')}
            </Button>
          </div>
        </Form>
      </Dialog>
    );
  }
  return (
    <Dialog opened onClose={onClose} size="lg" title={t('units:re.title')}>
      <Form
        error={run.error}
        fields={['day', 'decision', 'name']}
        submit={t('units:re.next')}
        busy={false}
        disabled={!ready}
        onCancel={onClose}
        onSubmit={() => {
          run.reset();
          setPreview(true);
        }}
      >
        <Text size="sm">{t('units:re.text')}</Text>
        <Radio.Group
          label={t('units:re.kind')}
          value={kind}
          onChange={(value) => {
            setKind(kinds.find((k) => k === value) ?? 'merge');
          }}
        >
          <Stack gap={6} mt={4}>
            {kinds.map((k) => (
              <Radio key={k} value={k} label={t(`units:re.${k}`)} />
            ))}
          </Stack>
        </Radio.Group>
        {one ? (
          <UnitSelect
            label={t('units:re.unit')}
            value={chosen[0] ?? null}
            onChange={(id) => {
              setChosen(id === null ? [] : [id]);
            }}
            without={kind === 'rename' ? new Set() : centre}
            required
          />
        ) : (
          <MultiSelect
            label={t('units:re.units')}
            data={choices.filter((c) => c.value !== into)}
            value={chosen.filter((id) => id !== centreUnit)}
            onChange={setChosen}
            searchable
            maxValues={50}
            hidePickedOptions
          />
        )}
        {kind === 'merge' && (
          <>
            <Radio.Group
              label={t('units:re.into')}
              value={target}
              onChange={(value) => {
                setTarget(value === 'fresh' ? 'fresh' : 'existing');
              }}
            >
              <Stack gap={6} mt={4}>
                <Radio value="existing" label={t('units:re.existing')} />
                <Radio value="fresh" label={t('units:re.fresh')} />
              </Stack>
            </Radio.Group>
            {target === 'existing' && (
              <UnitSelect label={t('units:re.existing')} value={into} onChange={setInto} without={new Set([centreUnit, ...chosen])} required />
            )}
          </>
        )}
        {(kind === 'rename' || (kind === 'merge' && target === 'fresh')) && (
          <TextInput
            label={t('units:re.newName')}
            value={names[0] ?? ''}
            required
            withAsterisk={false}
            error={fieldError('name')}
            onChange={(event) => {
              setName(0, event.currentTarget.value);
            }}
          />
        )}
        {kind === 'split' && (
          <div>
            <Text size="sm" fw={500} mb={4}>
              {t('units:re.newNames')}
            </Text>
            <Stack gap={6}>
              {names.map((name, i) => (
                <div key={i} className={css.proposal}>
                  {names.length > 2 && (
                    <ActionIcon
                      size={28}
                      variant="subtle"
                      aria-label={t('units:re.remove', { number: i + 1 })}
                      onClick={() => {
                        setNames(names.filter((_, at) => at !== i));
                      }}
                    >
                      <IconTrash size={15} />
                    </ActionIcon>
                  )}
                  <TextInput
                    aria-label={t('units:re.newNumber', { number: i + 1 })}
                    value={name}
                    onChange={(event) => {
                      setName(i, event.currentTarget.value);
                    }}
                  />
                </div>
              ))}
            </Stack>
            <Button
              size="compact-sm"
              variant="default"
              mt={6}
              leftSection={<IconPlus size={14} />}
              disabled={names.length >= 50}
              onClick={() => {
                setNames([...names, '']);
              }}
            >
              {t('units:re.add')}
            </Button>
          </div>
        )}
        <DayInput label={t('units:re.day')} value={day} onChange={setDay} required error={fieldError('day')} />
        <TextInput
          label={t('units:re.decision')}
          placeholder={t('units:re.decisionExample')}
          maxLength={1_000}
          value={decision}
          error={fieldError('decision')}
          onChange={(event) => {
            setDecision(event.currentTarget.value);
          }}
        />
      </Form>
    </Dialog>
  );
}

interface LinesProps {
  kind: Kind;
  ending: Unit[];
  made: { id: string; name: string }[];
  successor: string;
  successors: string[];
  day: string;
  newName: string;
  children: number;
}

/** What the decision does, in sentences. */
function Lines({ kind, ending, made, successor, successors, day, newName, children }: LinesProps) {
  const { t } = useTranslation('units');
  const names = ending.map((u) => u.name).join(', ');
  const lines =
    kind === 'rename'
      ? [t('re.renameLine', { from: names, to: newName })]
      : [
          ...made.map((m) => t('re.newLine', m)),
          t('re.endLine', { names, day: showDay(dayBefore(day)) }),
          ...(kind === 'end' ? [] : [t('re.intoLine', { names: successors.join(', '), day: showDay(day) })]),
          ...(children > 0 && kind !== 'end' ? [t('re.childrenLine', { count: children, name: successor })] : []),
          t('re.keepLine'),
        ];
  return (
    <ul style={{ margin: 0, paddingLeft: 20 }}>
      {lines.map((line) => (
        <li key={line}>{line}</li>
      ))}
    </ul>
  );
}
