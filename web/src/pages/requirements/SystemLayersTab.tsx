import '../../i18n/standing';

import { Button, Group, NumberInput, Text, Textarea, TextInput } from '@mantine/core';
import { useMutation, useQuery, useQueryClient } from '@tanstack/react-query';
import { useState } from 'react';
import { useTranslation } from 'react-i18next';

import {
  criticalQuery,
  endOverride,
  gateQuery,
  type GateStanding,
  type LayerFacts,
  type LayerStanding,
  type Override,
  overrideGate,
  standingChanged,
  stepCritical,
  systemLayersQuery,
  writeLayer,
} from '../../api/standingQueries';
import { useMay } from '../../app/session';
import { ConfirmDialog } from '../../kit/ConfirmDialog';
import { Form, useFieldErrors } from '../../kit/Form';
import { Badge } from '../../ui/Badge';
import { Dialog } from '../../ui/Dialog';
import { ErrorState, Rows } from '../../ui/State';
import { Time } from '../../ui/Time';
import { toast } from '../../ui/toast';
import { DayInput } from '../units/fields';
import { showDay } from '../units/tree';
import css from './standing.module.css';

const noFacts: LayerFacts = { number: '', day: '', organisation: '', contacts: [], assets: 0, monitored: 0, until: '', note: '' };

/** How a system stands to the four layers, to the go-live gate and to the list of critical systems. */
export function SystemLayersTab({ system }: { system: { id: string } }) {
  return (
    <>
      <Gate id={system.id} />
      <Layers id={system.id} />
      <Critical id={system.id} />
    </>
  );
}

function useSaved(onClose: () => void) {
  const { t } = useTranslation('standing');
  const client = useQueryClient();
  return async () => {
    toast({ message: t('saved'), autoClose: 4_000 });
    onClose();
    await standingChanged(client);
  };
}

function Layers({ id }: { id: string }) {
  const { t, i18n } = useTranslation('standing');
  const [writing, setWriting] = useState<LayerStanding>();
  const query = useQuery(systemLayersQuery(id));
  if (query.isPending) return <Rows count={4} />;
  if (!query.data) return <ErrorState error={query.error} retry={() => void query.refetch()} />;
  const x = query.data;
  return (
    <>
      {x.layers.map((l) => {
        const name = i18n.language === 'vi' ? l.vi : l.name;
        const f = l.facts;
        return (
          <section key={l.layer} className={`la-card ${css.section ?? ''}`} aria-label={t('layer.title', { layer: l.layer, name })}>
            <div className={css.line}>
              <strong>{t('layer.title', { layer: l.layer, name })}</strong>
              <Badge tone={l.done ? 'ok' : 'high'}>{t(l.done ? 'layer.done' : 'layer.missing')}</Badge>
              {l.inherited && <span className="la-dim">{t('layer.inherited')}</span>}
              {x.mayDeclare && l.layer < 4 && (
                <Button size="compact-sm" variant="default" onClick={() => { setWriting(l); }}>
                  {t('layer.write', { layer: l.layer })}
                </Button>
              )}
            </div>
            {l.missing.length > 0 && (
              <ul>
                {l.missing.map((code) => (
                  <li key={code}>{t(`layer.lacks.${code as 'decision'}`)}</li>
                ))}
              </ul>
            )}
            {f && (
              <Text size="sm" component="div">
                {[f.organisation, f.number, showDay(f.day)].filter(Boolean).join(' · ')}
                {f.contacts.map((c) => (
                  <div key={c.name}>{[c.name, c.position, c.phone, c.mail].filter(Boolean).join(' · ')}</div>
                ))}
                {f.assets > 0 && <div>{t('layer.share', { monitored: f.monitored, assets: f.assets, share: Math.floor((100 * f.monitored) / f.assets) })}</div>}
                {f.note && <div className={css.text}>{f.note}</div>}
              </Text>
            )}
            {!f && l.layer < 4 && <Text size="sm" className="la-dim">{t('layer.nothing')}</Text>}
            {l.until && <Text size="sm">{t('layer.cycle', { day: showDay(l.until) })}</Text>}
            {l.feeds && !l.feeds.at && <Text size="sm" className="la-dim">{t('layer.notLooked')}</Text>}
            {l.feeds?.at && (
              <Text size="sm" component="div">
                <div>{t('layer.monitoringFeed')}: {l.feeds.monitoring ? <Time at={l.feeds.monitoring} /> : t('layer.neverHeard')}</div>
                <div>{t('layer.malwareFeed')}: {l.feeds.malware ? <Time at={l.feeds.malware} /> : t('layer.neverHeard')}</div>
              </Text>
            )}
          </section>
        );
      })}
      <Text size="sm" className="la-dim">
        {t('layer.text', { basis: x.model.basis })} {t('verifyText', { text: x.model.verify })}
      </Text>
      {writing && <LayerDialog id={id} layer={writing} onClose={() => { setWriting(undefined); }} />}
    </>
  );
}

function LayerDialog({ id, layer: l, onClose }: { id: string; layer: LayerStanding; onClose: () => void }) {
  const { t, i18n } = useTranslation('standing');
  const [f, setF] = useState<LayerFacts>(l.facts ?? noFacts);
  const set = (change: Partial<LayerFacts>) => { setF((old) => ({ ...old, ...change })); };
  const saved = useSaved(onClose);
  const save = useMutation({ mutationFn: () => writeLayer(id, l.layer, f, l.version), onSuccess: saved });
  const error = useFieldErrors(save.error);
  const n = l.layer as 1 | 2 | 3;
  return (
    <Dialog opened onClose={onClose} size="lg" title={t('layer.title', { layer: n, name: i18n.language === 'vi' ? l.vi : l.name })}>
      <Form error={save.error} fields={Object.keys(noFacts)} submit={t('layer.save')} busy={save.isPending} onCancel={onClose} onSubmit={() => { save.mutate(); }}>
        <TextInput label={t(`layer.organisation${n}`)} data-autofocus maxLength={300} value={f.organisation} error={error('organisation')} onChange={(e) => { set({ organisation: e.currentTarget.value }); }} />
        <TextInput label={t(`layer.number${n}`)} maxLength={200} value={f.number} error={error('number')} onChange={(e) => { set({ number: e.currentTarget.value }); }} />
        <DayInput label={t(`layer.day${n}`)} value={f.day} error={error('day')} onChange={(day) => { set({ day }); }} />
        {n === 1 && (
          <div role="group" aria-label={t('layer.contacts')}>
            <Text size="sm">{t('layer.contacts')}</Text>
            {f.contacts.map((c, i) => {
              const change = (part: Partial<typeof c>) => { set({ contacts: f.contacts.map((old, at) => (at === i ? { ...old, ...part } : old)) }); };
              return (
                <Group key={i} align="end" gap="xs" mb="xs">
                  <TextInput label={t('layer.contactName')} maxLength={200} value={c.name} onChange={(e) => { change({ name: e.currentTarget.value }); }} />
                  <TextInput label={t('layer.contactPhone')} maxLength={50} value={c.phone} onChange={(e) => { change({ phone: e.currentTarget.value }); }} />
                  <TextInput label={t('layer.contactMail')} maxLength={200} value={c.mail} onChange={(e) => { change({ mail: e.currentTarget.value }); }} />
                  <Button variant="subtle" color="red" aria-label={t('layer.contactRemove', { number: i + 1 })} onClick={() => { set({ contacts: f.contacts.filter((_, at) => at !== i) }); }}>×</Button>
                </Group>
              );
            })}
            {error('contacts') && <Text size="sm" c="red">{error('contacts')}</Text>}
            <Button size="xs" variant="default" onClick={() => { set({ contacts: [...f.contacts, { name: '', position: '', phone: '', mail: '' }] }); }}>
              {t('layer.contactAdd')}
            </Button>
          </div>
        )}
        {n === 2 && (
          <>
            <Group>
              <NumberInput label={t('layer.assets')} min={0} allowDecimal={false} value={f.assets} error={error('assets')} onChange={(v) => { set({ assets: Number(v) || 0 }); }} />
              <NumberInput label={t('layer.monitored')} min={0} allowDecimal={false} value={f.monitored} error={error('monitored')} onChange={(v) => { set({ monitored: Number(v) || 0 }); }} />
            </Group>
            <DayInput label={t('layer.until')} value={f.until} error={error('until')} onChange={(until) => { set({ until }); }} />
          </>
        )}
        <Textarea label={t('layer.note')} autosize minRows={1} maxLength={4000} value={f.note} error={error('note')} onChange={(e) => { set({ note: e.currentTarget.value }); }} />
      </Form>
    </Dialog>
  );
}

function Gate({ id }: { id: string }) {
  const { t } = useTranslation('standing');
  const [deciding, setDeciding] = useState(false);
  const query = useQuery(gateQuery(id));
  if (query.isPending) return <Rows count={3} />;
  if (!query.data) return <ErrorState error={query.error} retry={() => void query.refetch()} />;
  const g = query.data;
  const decision = g.overrides.find((o) => o.holds);
  const value = (code: string, v: string) => {
    if (code === 'deployment') return t(`gate.deploymentValue.${(v || 'none') as 'none'}`);
    return code === 'level' && v ? t('gate.levelValue', { level: v }) : v;
  };
  return (
    <section className={`la-card ${css.section ?? ''}`} aria-label={t('gate.title')}>
      <div className={css.line}>
        <strong>{t('gate.title')}</strong>
        <Badge tone={decision ? 'medium' : g.open ? 'ok' : 'high'}>
          {decision ? t('gate.byDecision', { day: showDay(decision.until) }) : t(g.open ? 'gate.open' : 'gate.closed')}
        </Badge>
        {g.mayOverride && (
          <Button size="compact-sm" variant="default" onClick={() => { setDeciding(true); }}>
            {t('gate.override')}
          </Button>
        )}
      </div>
      <ul>
        {g.conditions.map((c) => (
          <li key={c.code}>
            <span className={css.line}>
              {t(`gate.condition.${c.code}`)}
              <Badge tone={c.met ? 'ok' : 'high'}>{t(c.met ? 'gate.met' : 'gate.unmet')}</Badge>
              <span className="la-dim">{[value(c.code, c.value), c.basis].filter(Boolean).join(' · ')}</span>
            </span>
          </li>
        ))}
      </ul>
      {g.overrides.length > 0 && <strong>{t('gate.decisions')}</strong>}
      {g.overrides.map((o) => (
        <Decision key={o.id} override={o} />
      ))}
      {deciding && <OverrideDialog gate={g} onClose={() => { setDeciding(false); }} />}
    </section>
  );
}

/** One decision that lets a system operate without all it needs. */
export function Decision({ override: o }: { override: Override }) {
  const { t } = useTranslation('standing');
  const may = useMay();
  const client = useQueryClient();
  const [ending, setEnding] = useState(false);
  return (
    <div className={css.text}>
      <div className={css.line}>
        <Badge tone={o.holds ? (o.soon ? 'high' : 'medium') : 'informational'}>
          {o.endedAt ? t('gate.ended', { reason: o.endReason }) : t(o.holds ? (o.soon ? 'gate.soon' : 'gate.inForce') : 'gate.over')}
        </Badge>
        {o.decider} {o.document && `· ${o.document}`} · {t('gate.until')} {showDay(o.until)}
        {o.holds && may('readiness.override') && (
          <Button size="compact-sm" variant="default" onClick={() => { setEnding(true); }}>
            {t('gate.end')}
          </Button>
        )}
      </div>
      <div>{o.reason}</div>
      <div className="la-dim">
        {t('gate.missing')}: {o.missing.map((code) => t(`gate.condition.${code as 'level'}`)).join('; ')} · {o.by.displayName} · <Time at={o.at} />
      </div>
      {ending && (
        <ConfirmDialog
          title={t('gate.end')}
          text={t('gate.endText')}
          confirm={t('gate.end')}
          danger
          reason="required"
          onConfirm={async (reason) => {
            await endOverride(o.system, o.id, reason);
            await standingChanged(client);
          }}
          onClose={() => { setEnding(false); }}
        />
      )}
    </div>
  );
}

function OverrideDialog({ gate, onClose }: { gate: GateStanding; onClose: () => void }) {
  const { t } = useTranslation('standing');
  const [d, setD] = useState({ decider: '', document: '', reason: '', until: '' });
  const set = (change: Partial<typeof d>) => { setD((old) => ({ ...old, ...change })); };
  const saved = useSaved(onClose);
  const save = useMutation({ mutationFn: () => overrideGate(gate.system, d), onSuccess: saved });
  const error = useFieldErrors(save.error);
  const list = gate.conditions.filter((c) => !c.met).map((c) => t(`gate.condition.${c.code}`)).join('; ');
  return (
    <Dialog opened onClose={onClose} title={t('gate.override')}>
      <Form error={save.error} fields={Object.keys(d)} submit={t('gate.save')} busy={save.isPending} onCancel={onClose} onSubmit={() => { save.mutate(); }}>
        <Text size="sm">{t('gate.overrideText', { list })}</Text>
        <TextInput label={t('gate.decider')} data-autofocus maxLength={300} value={d.decider} error={error('decider')} onChange={(e) => { set({ decider: e.currentTarget.value }); }} />
        <TextInput label={t('gate.document')} maxLength={300} value={d.document} error={error('document')} onChange={(e) => { set({ document: e.currentTarget.value }); }} />
        <Textarea label={t('gate.reason')} autosize minRows={2} maxLength={4000} value={d.reason} error={error('reason')} onChange={(e) => { set({ reason: e.currentTarget.value }); }} />
        <DayInput label={t('gate.until')} value={d.until} error={error('until')} onChange={(until) => { set({ until }); }} />
      </Form>
    </Dialog>
  );
}

const nextSteps = { '': ['nominated'], nominated: ['listed', 'removed'], listed: ['removed'], removed: ['nominated'] } as const;
type CriticalState = 'nominated' | 'listed' | 'removed';

function Critical({ id }: { id: string }) {
  const { t } = useTranslation('standing');
  const may = useMay();
  const [asked, setAsked] = useState<CriticalState>();
  const query = useQuery(criticalQuery(id));
  if (query.isPending) return <Rows count={2} />;
  if (!query.data) return <ErrorState error={query.error} retry={() => void query.refetch()} />;
  const c = query.data.critical;
  return (
    <section className={`la-card ${css.section ?? ''}`} aria-label={t('critical.title')}>
      <div className={css.line}>
        <strong>{t('critical.title')}</strong>
        {c && <Badge tone={c.state === 'listed' ? 'critical' : 'medium'}>{t(`critical.state.${c.state}`)}</Badge>}
        {may('readiness.nominate') &&
          nextSteps[c?.state ?? ''].map((state) => (
            <Button key={state} size="compact-sm" variant="default" onClick={() => { setAsked(state); }}>
              {t(`critical.step.${state}`)}
            </Button>
          ))}
      </div>
      <Text size="sm">{t('critical.text')}</Text>
      {!c && <Text size="sm" className="la-dim">{t('critical.never')}</Text>}
      <ul>
        {c?.steps.map((s) => (
          <li key={s.at}>
            {t(`critical.state.${s.state as CriticalState}`)} · {s.document} · {showDay(s.day)} <span className="la-dim">{s.by.displayName} · <Time at={s.at} /></span>
            {s.note && <div className={css.text}>{s.note}</div>}
          </li>
        ))}
      </ul>
      {c !== null && c.year > 0 && <Text size="sm">{t('critical.selfCheck', { year: c.year })}</Text>}
      {asked && <CriticalDialog id={id} state={asked} version={c?.version ?? 0} onClose={() => { setAsked(undefined); }} />}
    </section>
  );
}

function CriticalDialog({ id, state, version, onClose }: { id: string; state: CriticalState; version: number; onClose: () => void }) {
  const { t } = useTranslation('standing');
  const [d, setD] = useState({ document: '', day: '', note: '' });
  const set = (change: Partial<typeof d>) => { setD((old) => ({ ...old, ...change })); };
  const saved = useSaved(onClose);
  const save = useMutation({ mutationFn: () => stepCritical(id, { ...d, state, version }), onSuccess: saved });
  const error = useFieldErrors(save.error);
  return (
    <Dialog opened onClose={onClose} title={t(`critical.step.${state}`)}>
      <Form error={save.error} fields={Object.keys(d)} submit={t('critical.save')} busy={save.isPending} onCancel={onClose} onSubmit={() => { save.mutate(); }}>
        <TextInput label={t('critical.document')} data-autofocus maxLength={300} value={d.document} error={error('document')} onChange={(e) => { set({ document: e.currentTarget.value }); }} />
        <DayInput label={t('critical.day')} value={d.day} error={error('day')} onChange={(day) => { set({ day }); }} />
        <Textarea label={t('critical.note')} autosize minRows={1} maxLength={4000} value={d.note} error={error('note')} onChange={(e) => { set({ note: e.currentTarget.value }); }} />
      </Form>
    </Dialog>
  );
}
