import { Button, Group, TextInput } from '@mantine/core';
import { IconArrowBackUp, IconCheck, IconCircleOff, IconNote, IconShieldCheck, IconUsersGroup } from '@tabler/icons-react';
import { useQueryClient } from '@tanstack/react-query';
import { useState } from 'react';
import { useTranslation } from 'react-i18next';

import { type Finding, findingsChanged, type FindingStepAsk, stepFindings } from '../../api/vulnerabilityQueries';
import { ConfirmDialog } from '../../kit/ConfirmDialog';
import { offerUndo } from '../../kit/undo';
import { UnitPicker } from '../users/UnitPicker';
import { isOpen } from './parts';

export const verbs = ['accept', 'dismiss', 'mend', 'assign', 'reopen', 'note'] as const;
export type Verb = (typeof verbs)[number];

export const verbIcons = { accept: IconShieldCheck, dismiss: IconCircleOff, mend: IconCheck, assign: IconUsersGroup, reopen: IconArrowBackUp, note: IconNote } as const;

/** Whether a step makes sense for a finding. */
export function fits(verb: Verb, f: Finding): boolean {
  if (verb === 'accept' || verb === 'dismiss') return f.mayAccept && isOpen(f);
  if (verb === 'mend') return f.mayHandle && isOpen(f);
  if (verb === 'reopen') return f.mayHandle && !isOpen(f);
  return f.mayHandle;
}

const dayAhead = (months: number) => {
  const day = new Date();
  day.setMonth(day.getMonth() + months);
  return day.toISOString().slice(0, 10);
};
const choices = { month1: 1, month3: 3, month6: 6 } as const;

/** Asks for what a step needs and does it to all findings at once, with the way back. */
export function StepDialog({ verb, findings, onClose }: { verb: Verb; findings: readonly Finding[]; onClose: () => void }) {
  const { t } = useTranslation('vulnerabilities');
  const client = useQueryClient();
  const [until, setUntil] = useState(() => dayAhead(3));
  const [unit, setUnit] = useState<string | null>(null);
  const count = findings.length;
  const run = async (note: string) => {
    const ask: FindingStepAsk = { verb, note, ...(verb === 'accept' && { until }), ...(verb === 'assign' && { unit: unit ?? '' }) };
    const after = await stepFindings(findings, ask);
    void findingsChanged(client);
    if (verb === 'note' || verb === 'reopen') return;
    offerUndo(t(`done.${verb}`, { count }), async () => {
      if (verb === 'assign') {
        const units = new Map(findings.map((f) => [f.id, f.unit]));
        for (const back of new Set(units.values())) await stepFindings(after.filter((f) => units.get(f.id) === back), { verb: 'assign', unit: back });
      } else await stepFindings(after, { verb: 'reopen' });
      await findingsChanged(client);
    });
  };
  return (
    <ConfirmDialog
      title={t(`verb.${verb}`)}
      text={t(`dialog.${verb}`, { count })}
      confirm={t(`verb.${verb}`)}
      reason={verb === 'assign' || verb === 'reopen' ? 'optional' : 'required'}
      reasonHint={t('dialog.reasonHint')}
      onConfirm={run}
      onClose={onClose}
    >
      {verb === 'accept' && (
        <Group align="flex-end" gap="xs" my="xs">
          <TextInput
            type="date"
            label={t('dialog.until')}
            value={until}
            onChange={(event) => {
              setUntil(event.currentTarget.value);
            }}
          />
          {(Object.keys(choices) as (keyof typeof choices)[]).map((name) => (
            <Button
              key={name}
              size="xs"
              variant="default"
              onClick={() => {
                setUntil(dayAhead(choices[name]));
              }}
            >
              {t(`dialog.${name}`)}
            </Button>
          ))}
        </Group>
      )}
      {verb === 'assign' && <UnitPicker label={t('unit')} value={unit} onChange={setUnit} required />}
    </ConfirmDialog>
  );
}

/** The steps of one finding, as buttons. */
export function StepButtons({ finding }: { finding: Finding }) {
  const { t } = useTranslation('vulnerabilities');
  const [asked, setAsked] = useState<Verb>();
  return (
    <Group gap="xs" my="xs">
      {verbs
        .filter((verb) => fits(verb, finding))
        .map((verb) => {
          const Icon = verbIcons[verb];
          return (
            <Button
              key={verb}
              size="xs"
              variant="default"
              leftSection={<Icon size={15} />}
              onClick={() => {
                setAsked(verb);
              }}
            >
              {t(`verb.${verb}`)}
            </Button>
          );
        })}
      {asked && (
        <StepDialog
          verb={asked}
          findings={[finding]}
          onClose={() => {
            setAsked(undefined);
          }}
        />
      )}
    </Group>
  );
}
