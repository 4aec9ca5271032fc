import '../../i18n/response';

import { Button, Group, MultiSelect, NumberInput, Select, Text, Textarea } from '@mantine/core';
import { useQuery } from '@tanstack/react-query';
import { useState } from 'react';
import { useTranslation } from 'react-i18next';

import { call } from '../../api/client';
import { unitsQuery } from '../../api/queries';
import { asksQuery, callUpsQuery, forcesQuery, handoversQuery, networkQuery, type Side, type SubjectRef, teamQuery } from '../../api/responseQueries';
import { useMay } from '../../app/session';
import { Form, useFieldErrors } from '../../kit/Form';
import { MomentInput } from '../../kit/MomentInput';
import { Dialog } from '../../ui/Dialog';
import { ErrorState, Rows } from '../../ui/State';
import { AskCard, CallUpCard, HandoverCard, useChange, useLiveResponse } from './parts';
import css from './response.module.css';

interface Props {
  subject: SubjectRef;
  /** The unit of the matter. */
  unit: string;
}

/** Who was called up, what was asked of whom and who leads, about one matter. */
export function AsksOf({ subject, unit }: Props) {
  const { t } = useTranslation('response');
  const may = useMay();
  useLiveResponse();
  const calls = useQuery(callUpsQuery(subject));
  const asks = useQuery(asksQuery(subject));
  const handovers = useQuery(handoversQuery(subject));
  const [dialog, setDialog] = useState<'call' | 'ask' | 'handover'>();
  const close = () => {
    setDialog(undefined);
  };
  if (calls.isPending || asks.isPending || handovers.isPending) return <Rows count={4} />;
  if (!calls.data || !asks.data || !handovers.data) return <ErrorState error={calls.error ?? asks.error ?? handovers.error} />;
  const none = (
    <Text size="sm" className="la-dim">
      {t('noneYet')}
    </Text>
  );
  return (
    <section aria-label={t('ofMatter')}>
      <Group gap="xs">
        {may('coordination.ask') && (
          <Button size="xs" onClick={() => { setDialog('ask'); }}>
            {t('ask')}
          </Button>
        )}
        {may('coordination.call') && (
          <>
            <Button size="xs" variant="default" onClick={() => { setDialog('call'); }}>
              {t('callUp')}
            </Button>
            <Button size="xs" variant="default" onClick={() => { setDialog('handover'); }}>
              {t('handover')}
            </Button>
          </>
        )}
      </Group>
      <h3 className={css.part}>{t('asks')}</h3>
      {asks.data.items.length === 0 ? none : <ul className={css.cards}>{asks.data.items.map((a) => <AskCard key={a.id} ask={a} />)}</ul>}
      <h3 className={css.part}>{t('calls')}</h3>
      {calls.data.items.length === 0 ? none : <ul className={css.cards}>{calls.data.items.map((c) => <CallUpCard key={c.id} callUp={c} />)}</ul>}
      <h3 className={css.part}>{t('handovers')}</h3>
      {handovers.data.items.length === 0 ? none : <ul className={css.cards}>{handovers.data.items.map((h) => <HandoverCard key={h.id} handover={h} />)}</ul>}
      {dialog === 'call' && <CallDialog subject={subject} onClose={close} />}
      {(dialog === 'ask' || dialog === 'handover') && <SideDialog what={dialog} subject={subject} unit={unit} onClose={close} />}
    </section>
  );
}

const hourMs = 3_600_000;
const soon = (hours: number) => new Date(Math.ceil((Date.now() + hours * hourMs) / 60_000) * 60_000).toISOString();

function CallDialog({ subject, onClose }: { subject: SubjectRef; onClose: () => void }) {
  const { t } = useTranslation('response');
  const team = useQuery(teamQuery).data?.items ?? [];
  const [people, setPeople] = useState<string[]>([]);
  const [message, setMessage] = useState('');
  const [by, setBy] = useState<string | undefined>(() => soon(2));
  const [needed, setNeeded] = useState(1);
  const [minutes, setMinutes] = useState(15);
  const save = useChange(() => call('/call-ups', { method: 'POST', body: { subject, people, message, by, needed, minutes } }), onClose);
  const fieldError = useFieldErrors(save.error);
  return (
    <Dialog opened onClose={onClose} title={t('callUp')}>
      <Form error={save.error} fields={['people', 'message', 'by', 'needed', 'minutes']} submit={t('callUp')} busy={save.isPending} disabled={by === undefined} onCancel={onClose} onSubmit={() => { save.mutate(undefined); }}>
        <MultiSelect label={t('people')} searchable data={team.map((r) => ({ value: r.id, label: [r.name, r.organisation].filter(Boolean).join(' · ') }))} value={people} error={fieldError('people')} onChange={setPeople} />
        <NumberInput label={t('needed')} min={1} max={50} value={needed} error={fieldError('needed')} onChange={(n) => { setNeeded(Number(n)); }} />
        <NumberInput label={t('minutes')} description={t('minutesHint')} min={1} max={1440} value={minutes} error={fieldError('minutes')} onChange={(n) => { setMinutes(Number(n)); }} />
        <MomentInput label={t('by')} value={by} onChange={setBy} error={fieldError('by')} />
        <Textarea label={t('message')} autosize minRows={3} maxLength={4_000} value={message} error={fieldError('message')} onChange={(event) => { setMessage(event.currentTarget.value); }} />
      </Form>
    </Dialog>
  );
}

const kinds = ['unit', 'force', 'member'] as const;

function SideDialog({ what, subject, unit, onClose }: { what: 'ask' | 'handover'; subject: SubjectRef; unit: string; onClose: () => void }) {
  const { t, i18n } = useTranslation('response');
  const units = useQuery(unitsQuery).data?.items ?? [];
  const forces = useQuery(forcesQuery).data?.items ?? [];
  const members = useQuery(networkQuery).data?.items ?? [];
  const [kind, setKind] = useState<Side['kind']>('unit');
  const [id, setId] = useState<string | null>(null);
  const [text, setText] = useState('');
  const [by, setBy] = useState<string | undefined>(() => soon(24));
  const choices = {
    unit: units.filter((u) => u.status !== 'ended' && u.id !== unit).map((u) => ({ value: u.id, label: u.name })),
    force: forces.map((f) => ({ value: f.id, label: i18n.language === 'vi' ? f.vi : f.name })),
    member: members.map((m) => ({ value: m.id, label: m.name })),
  };
  const to = { kind, id: id ?? '' };
  const save = useChange(
    () =>
      what === 'ask'
        ? call('/asks', { method: 'POST', body: { subject, to, question: text, by } })
        : call('/handovers', { method: 'POST', body: { subject, to, reason: text } }),
    onClose,
  );
  const fieldError = useFieldErrors(save.error);
  return (
    <Dialog opened onClose={onClose} title={t(what)}>
      <Form error={save.error} fields={['to', 'question', 'reason', 'by']} submit={t(what)} busy={save.isPending} disabled={id === null || (what === 'ask' && by === undefined)} onCancel={onClose} onSubmit={() => { save.mutate(undefined); }}>
        <Select
          label={t('toKind')}
          allowDeselect={false}
          data={kinds.map((value) => ({ value, label: t(`kind.${value}`) }))}
          value={kind}
          onChange={(value) => {
            setKind(kinds.find((k) => k === value) ?? 'unit');
            setId(null);
          }}
        />
        <Select label={what === 'ask' ? t('to') : t('handoverTo')} searchable data={choices[kind]} value={id} error={fieldError('to')} onChange={setId} />
        {what === 'ask' && <MomentInput label={t('answerBy')} value={by} onChange={setBy} error={fieldError('by')} />}
        <Textarea label={what === 'ask' ? t('question') : t('why')} autosize minRows={3} maxLength={4_000} value={text} error={fieldError('question') ?? fieldError('reason')} onChange={(event) => { setText(event.currentTarget.value); }} />
      </Form>
    </Dialog>
  );
}
