import '../../i18n/standing';

import { Button, Text, Textarea, TextInput } from '@mantine/core';
import { useMutation, useQuery, useQueryClient } from '@tanstack/react-query';
import { Link } from '@tanstack/react-router';
import { useState } from 'react';
import { useTranslation } from 'react-i18next';

import { endOverride, gateQuery, type GateStanding, type Override, overrideGate, standingChanged } from '../../api/standingQueries';
import { useMay } from '../../app/session';
import { ConfirmDialog } from '../../kit/ConfirmDialog';
import { Form, useFieldErrors } from '../../kit/Form';
import { Badge } from '../../ui/Badge';
import { Dialog } from '../../ui/Dialog';
import { ErrorState, Rows } from '../../ui/State';
import { Time } from '../../ui/Time';
import { DayInput } from '../units/fields';
import { showDay } from '../units/tree';
import css from './standing.module.css';
import { useSaved } from './useSaved';

/** A dialog that the gate stands in, which closes before what is missing is entered or decided over. */
interface Within {
  edit: () => void;
  decide: () => void;
}

/** What stands between a system and its operation, and the decisions over it. */
export function Gate({ id, within }: { id: string; within?: Within }) {
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
        <Badge tone={!g.open ? 'high' : decision ? 'medium' : 'ok'}>
          {g.open && decision ? t('gate.byDecision', { day: showDay(decision.until) }) : t(g.open ? 'gate.open' : 'gate.closed')}
        </Badge>
        {g.mayOverride && (
          <Button size="compact-sm" variant="default" onClick={within?.decide ?? (() => { setDeciding(true); })}>
            {t('gate.override')}
          </Button>
        )}
      </div>
      {g.uncovered && <p role="alert"><strong>{t(decision ? 'gate.isPartly' : 'gate.isUncovered')}</strong></p>}
      <ul>
        {g.conditions.map((c) => (
          <li key={c.code}>
            <span className={css.line}>
              {t(`gate.condition.${c.code}`)}
              <Badge tone={c.met ? 'ok' : c.covered ? 'medium' : 'high'}>{t(c.met ? 'gate.met' : 'gate.unmet')}</Badge>
              {decision && !c.met && <Badge tone={c.covered ? 'medium' : 'high'}>{t(c.covered ? 'gate.covered' : 'gate.notCovered')}</Badge>}
              <span className="la-dim">{[value(c.code, c.value), c.basis].filter(Boolean).join(' · ')}</span>
              {!c.met && c.code === 'level' && <Link to="/dossiers" search={{ system: id }}>{t('gate.toDossiers')}</Link>}
              {!c.met && c.code !== 'level' && within && (
                <Button size="compact-sm" variant="subtle" onClick={within.edit}>{t('gate.toForm')}</Button>
              )}
            </span>
          </li>
        ))}
      </ul>
      {!within && g.overrides.length > 0 && <strong>{t('gate.decisions')}</strong>}
      {!within && g.overrides.map((o) => <Decision key={o.id} override={o} />)}
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

/** The decision that lets a system operate without all it needs. */
export function Deciding({ id, onClose }: { id: string; onClose: () => void }) {
  const gate = useQuery(gateQuery(id)).data;
  return gate ? <OverrideDialog gate={gate} onClose={onClose} /> : null;
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
