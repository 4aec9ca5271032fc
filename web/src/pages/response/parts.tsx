import '../../i18n/response';

import { Button, Group, Text, Textarea } from '@mantine/core';
import { useMutation, useQueryClient } from '@tanstack/react-query';
import { useEffect, useState } from 'react';
import { useTranslation } from 'react-i18next';

import { call } from '../../api/client';
import { onLive } from '../../api/live';
import { type Ask, type Called, type CallUp, type Handover, responseChanged } from '../../api/responseQueries';
import { Form, useFieldErrors } from '../../kit/Form';
import { Badge } from '../../ui/Badge';
import { Dialog } from '../../ui/Dialog';
import { ErrorState } from '../../ui/State';
import { Time, useNow } from '../../ui/Time';
import css from './response.module.css';

/** Reads again whenever the server says that something of it changed. */
export function useLiveResponse() {
  const client = useQueryClient();
  useEffect(() => onLive('coordination', () => void responseChanged(client)), [client]);
}

/** Sends a change and reads again. */
export function useChange<T>(send: (input: T) => Promise<unknown>, done?: () => void) {
  const client = useQueryClient();
  return useMutation({
    mutationFn: send,
    onSuccess: async () => {
      await responseChanged(client);
      done?.();
    },
  });
}

const path = (kind: string, id: string, rest: string) => `/${kind}/${encodeURIComponent(id)}/${rest}`;

const standing = (x: Called) => (x.answer !== '' ? x.answer : x.passed ? 'passed' : x.calledAt ? 'called' : 'waiting');
const lineTone = { waiting: 'informational', called: 'medium', passed: 'high', comes: 'ok', declines: 'high' } as const;

/** A call-up with everybody in its line, and what each said. */
export function CallUpCard({ callUp: c }: { callUp: CallUp }) {
  const { t } = useTranslation('response');
  const reply = useChange((body: { person?: string; answer: 'comes' | 'declines' }) => call(path('call-ups', c.id, 'replies'), { method: 'POST', body }));
  const close = useChange(() => call(path('call-ups', c.id, 'close'), { method: 'POST' }));
  const open = !c.closedAt;
  return (
    <li className={`la-card ${css.card ?? ''}`}>
      <div className={css.head}>
        <Text fw={600}>{[c.subject.code, c.subject.title].filter(Boolean).join(' · ')}</Text>
        <Group gap={6}>
          {c.drill && <Badge tone="high">{t('drill')}</Badge>}
          {c.needed > 0 && <Badge tone={c.come >= c.needed ? 'ok' : 'medium'}>{t('come', { come: c.come, needed: c.needed })}</Badge>}
          {!open && <Badge tone="informational">{t('closed')}</Badge>}
        </Group>
      </div>
      <Text size="sm" className="la-wrap">
        {c.message}
      </Text>
      <Text size="sm" className="la-dim">
        {t('by')}: <Time at={c.by} />
      </Text>
      {open && c.short && (
        <Text size="sm" fw={600} role="alert" c="var(--la-critical)">
          {t('shortText')}
        </Text>
      )}
      <ol className={css.line}>
        {c.line.map((x) => (
          <li key={x.person}>
            <div className={css.head}>
              <span>
                <strong>{x.name}</strong>{' '}
                {x.phone && (
                  <a href={`tel:${x.phone.replace(/[^0-9+]/g, '')}`} className="la-num">
                    {x.phone}
                  </a>
                )}
              </span>
              <Badge tone={lineTone[standing(x)]}>{t(`line.${standing(x)}`)}</Badge>
            </div>
            {x.calledAt && (
              <Text size="xs" className="la-dim">
                {t('calledAt')} <Time at={x.calledAt} />
                {x.noted && ` · ${t('viaPhone', { name: x.noted })}`}
                {x.note && ` · ${x.note}`}
              </Text>
            )}
            {open && x.calledAt && (x.own || c.mayCall) && (
              <Group gap={6} mt={4}>
                {(['comes', 'declines'] as const)
                  .filter((answer) => answer !== x.answer)
                  .map((answer) => (
                    <Button
                      key={answer}
                      size="compact-xs"
                      variant={x.own && answer === 'comes' ? 'filled' : 'default'}
                      loading={reply.isPending}
                      onClick={() => {
                        reply.mutate(x.own ? { answer } : { person: x.person, answer });
                      }}
                    >
                      {x.own ? t(answer) : t(answer === 'comes' ? 'phoneComes' : 'phoneDeclines')}
                    </Button>
                  ))}
              </Group>
            )}
          </li>
        ))}
      </ol>
      {(reply.error ?? close.error) && <ErrorState error={reply.error ?? close.error} />}
      {open && c.mayCall && (
        <Button
          size="xs"
          variant="default"
          mt="xs"
          loading={close.isPending}
          onClick={() => {
            close.mutate(undefined);
          }}
        >
          {t('close')}
        </Button>
      )}
    </li>
  );
}

const stateTone = { sent: 'medium', seen: 'low', answered: 'ok', refused: 'high', withdrawn: 'informational', proposed: 'medium', accepted: 'ok' } as const;

type Step = 'seen' | 'answered' | 'refused' | 'withdrawn' | 'accepted';

interface StepProps {
  step: Step;
  needed: boolean;
  label: string;
  send: (text: string) => Promise<unknown>;
  onClose: () => void;
}

function TextDialog({ step, needed, label, send, onClose }: StepProps) {
  const { t } = useTranslation('response');
  const [text, setText] = useState('');
  const save = useChange(() => send(text.trim()), onClose);
  const fieldError = useFieldErrors(save.error);
  return (
    <Dialog opened onClose={onClose} title={t(`do.${step}`)}>
      <Form error={save.error} fields={['text', 'note']} submit={t(`do.${step}`)} busy={save.isPending} disabled={needed && text.trim() === ''} onCancel={onClose} onSubmit={() => { save.mutate(undefined); }}>
        <Textarea label={label} autosize minRows={3} maxLength={4_000} data-autofocus value={text} error={fieldError('text') ?? fieldError('note')} onChange={(event) => { setText(event.currentTarget.value); }} />
      </Form>
    </Dialog>
  );
}

/** A question to another side and what came of it. */
export function AskCard({ ask: a }: { ask: Ask }) {
  const { t } = useTranslation('response');
  const now = useNow();
  const [step, setStep] = useState<Step>();
  const open = a.state === 'sent' || a.state === 'seen';
  const send = (state: Step, text: string) => call(path('asks', a.id, 'steps'), { method: 'POST', body: { state, text, version: a.version } });
  const seen = useChange(() => send('seen', ''));
  const steps: Step[] = [...(a.mayAnswer ? (['answered', 'refused'] as const) : []), ...(a.mayWithdraw ? (['withdrawn'] as const) : [])];
  return (
    <li className={`la-card ${css.card ?? ''}`}>
      <div className={css.head}>
        <Text fw={600}>{[a.subject.code, a.subject.title].filter(Boolean).join(' · ')}</Text>
        <Group gap={6}>
          {a.drill && <Badge tone="high">{t('drill')}</Badge>}
          {open && Date.parse(a.by) < now && <Badge tone="critical">{t('late')}</Badge>}
          <Badge tone={stateTone[a.state]}>{t(`state.${a.state}`)}</Badge>
        </Group>
      </div>
      <Text size="sm" className="la-dim">
        {t('fromUnit', { unit: a.unitName })} · {t('to')}: {a.to.name} · {t('answerBy')}: <Time at={a.by} />
      </Text>
      <Text size="sm" className="la-wrap">
        {a.question}
      </Text>
      {a.steps.length > 0 && (
        <ol className={css.line}>
          {a.steps.map((x) => (
            <li key={x.at + x.state}>
              <strong>{t(`state.${x.state}`)}</strong> <Time at={x.at} /> <span className="la-dim">{x.by}</span>
              {x.text && <div className="la-wrap">{x.text}</div>}
            </li>
          ))}
        </ol>
      )}
      <Group gap={6} mt="xs">
        {a.mayAnswer && a.state === 'sent' && (
          <Button size="xs" variant="default" loading={seen.isPending} onClick={() => { seen.mutate(undefined); }}>
            {t('do.seen')}
          </Button>
        )}
        {steps.map((s) => (
          <Button key={s} size="xs" variant={s === 'answered' ? 'filled' : 'default'} onClick={() => { setStep(s); }}>
            {t(`do.${s}`)}
          </Button>
        ))}
      </Group>
      {seen.error && <ErrorState error={seen.error} />}
      {step && <TextDialog step={step} needed={step !== 'withdrawn'} label={step === 'answered' ? t('answer') : t('why')} send={(text) => send(step, text)} onClose={() => { setStep(undefined); }} />}
    </li>
  );
}

/** The leadership going from one side to another. */
export function HandoverCard({ handover: h }: { handover: Handover }) {
  const { t } = useTranslation('response');
  const [step, setStep] = useState<Step>();
  const steps: Step[] = [...(h.mayDecide ? (['accepted', 'refused'] as const) : []), ...(h.mayWithdraw ? (['withdrawn'] as const) : [])];
  return (
    <li className={`la-card ${css.card ?? ''}`}>
      <div className={css.head}>
        <Text fw={600}>{`${h.subject.code} · ${t('handoverText', { from: h.from.name, to: h.to.name })}`}</Text>
        <Group gap={6}>
          {h.drill && <Badge tone="high">{t('drill')}</Badge>}
          <Badge tone={stateTone[h.state]}>{t(`state.${h.state}`)}</Badge>
        </Group>
      </div>
      <Text size="sm" className="la-wrap">
        {h.reason}
      </Text>
      <Text size="sm" className="la-dim">
        {h.proposer} · <Time at={h.at} />
        {h.decidedBy && ` · ${h.decidedBy}`}
        {h.note && ` · ${h.note}`}
      </Text>
      <Group gap={6} mt="xs">
        {steps.map((s) => (
          <Button key={s} size="xs" variant={s === 'accepted' ? 'filled' : 'default'} onClick={() => { setStep(s); }}>
            {t(`do.${s}`)}
          </Button>
        ))}
      </Group>
      {step && (
        <TextDialog
          step={step}
          needed={step === 'refused'}
          label={step === 'refused' ? t('why') : t('note')}
          send={(note) => call(path('handovers', h.id, 'decision'), { method: 'POST', body: { state: step, note, version: h.version } })}
          onClose={() => {
            setStep(undefined);
          }}
        />
      )}
    </li>
  );
}
