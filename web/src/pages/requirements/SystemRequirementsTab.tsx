import '../../i18n/standing';

import { Button, FileButton, Group, Select, Text, Textarea, TextInput } from '@mantine/core';
import { useMutation, useQuery, useQueryClient } from '@tanstack/react-query';
import { getRouteApi, Link } from '@tanstack/react-router';
import { Fragment, useState } from 'react';
import { useTranslation } from 'react-i18next';

import {
  addFile,
  addReference,
  type Bound,
  cataloguesQuery,
  declareRequirement,
  evidenceUrl,
  measureSystem,
  removeEvidence,
  standingChanged,
  type SystemRequirement,
  type SystemRequirements,
  systemRequirementsQuery,
  verifyRequirement,
} from '../../api/standingQueries';
import { Form, useFieldErrors } from '../../kit/Form';
import { Signed } from '../../kit/Signed';
import { Badge } from '../../ui/Badge';
import { Dialog } from '../../ui/Dialog';
import { ErrorState, Rows } from '../../ui/State';
import { Time } from '../../ui/Time';
import { toast } from '../../ui/toast';
import { DayInput } from '../units/fields';
import { showDay } from '../units/tree';
import css from './standing.module.css';

const declaredTone = { '': 'informational', 'not-applicable': 'low', planned: 'medium', partly: 'medium', fully: 'ok' } as const;
const verdictTone = { '': 'informational', confirmed: 'ok', refuted: 'critical' } as const;
const resultTone = { pass: 'ok', fail: 'high', unknown: 'informational' } as const;
const states = ['fully', 'partly', 'planned', 'not-applicable'] as const;
const filters = ['all', 'open', 'gaps', 'unanswered'] as const;
const tiles = ['asked', 'met', 'verified', 'failing', 'gaps', 'overdue', 'excepted'] as const;

const route = getRouteApi('/systems/$id');
const levels = ['1', '2', '3', '4', '5'];

type Doing = { what: 'declare' | 'judge' | 'evidence'; item: string };

function useBound() {
  const { t } = useTranslation('standing');
  return (bound: Bound) => {
    if (bound.op === 'done') return t('bound.done');
    if (bound.op === 'atMost' && bound.unit === 'months') return t('bound.everyMonths', { value: bound.value });
    return t(`bound.${bound.op}`, { value: bound.value, unit: t(`units.${bound.unit as 'days'}`) });
  };
}

/**
 * What is asked of a system at its level: declared, measured and verified side by side. Who
 * prepares a dossier looks ahead to the level it proposes.
 */
export function SystemRequirementsTab({ system }: { system: { id: string } }) {
  const { t } = useTranslation('standing');
  const [catalogue, setCatalogue] = useState('tcvn14423-2026');
  const [filter, setFilter] = useState<(typeof filters)[number]>('all');
  const { level } = route.useSearch();
  const navigate = route.useNavigate();
  const client = useQueryClient();
  const catalogues = useQuery(cataloguesQuery);
  const query = useQuery(systemRequirementsQuery(system.id, catalogue, level));
  const measure = useMutation({
    mutationFn: () => measureSystem(system.id),
    onSuccess: async () => {
      toast({ message: t('measured'), autoClose: 4_000 });
      await standingChanged(client);
    },
  });
  if (query.isPending) return <Rows count={6} />;
  if (!query.data) return <ErrorState error={query.error} retry={() => void query.refetch()} />;
  const x = query.data;
  return (
    <>
      <Group align="end" mb="sm">
        <Select
          label={t('catalogue')}
          allowDeselect={false}
          value={catalogue}
          data={(catalogues.data?.items ?? []).map((c) => ({ value: c.id, label: c.until ? t('transition', { name: c.title, day: showDay(c.until) }) : c.title }))}
          onChange={(value) => { if (value) setCatalogue(value); }}
        />
        <Select
          label={t('filter.label')}
          allowDeselect={false}
          value={filter}
          data={filters.map((value) => ({ value, label: t(`filter.${value}`) }))}
          onChange={(value) => { setFilter((value ?? 'all') as typeof filter); }}
        />
        <Select
          label={t('lookAt')}
          allowDeselect={false}
          value={String(level ?? '')}
          data={[{ value: '', label: t('ownLevel') }, ...levels.map((value) => ({ value, label: t('levelN', { level: value }) }))]}
          onChange={(value) => void navigate({ search: (old) => ({ ...old, level: Number(value) || undefined }), replace: true })}
        />
        <Button variant="default" loading={measure.isPending} onClick={() => { measure.mutate(); }}>
          {t('measureNow')}
        </Button>
        <Text size="sm" className="la-dim" mb={8}>
          {x.measuredAt ? <>{t('measuredAt')} <Time at={x.measuredAt} /></> : t('neverMeasured')}
        </Text>
      </Group>
      {measure.error && <ErrorState error={measure.error} />}
      <Text size="sm" mb="xs">
        {level ? t('askedAhead', { level }) : x.level > 0 ? t('askedAt', { level: x.askedAt }) : t('askedAtProposed', { level: x.askedAt })}
      </Text>
      <div className={css.tiles}>
        {tiles.map((name) => (
          <div key={name} className={css.tile}>
            <strong>{x.total[name]}</strong>
            <span className="la-dim">{t(`tally.${name}`)}</span>
          </div>
        ))}
      </div>
      <Sheet sheet={x} filter={filter} />
      <Text size="sm" className="la-dim" mt="sm">
        {t('verifyText', { text: x.verify })}
      </Text>
    </>
  );
}

function Sheet({ sheet: x, filter }: { sheet: SystemRequirements; filter: (typeof filters)[number] }) {
  const { t, i18n } = useTranslation('standing');
  const vietnamese = i18n.language === 'vi';
  const [doing, setDoing] = useState<Doing>();
  const bound = useBound();
  const met = (i: SystemRequirement) => i.declared === 'fully' || i.declared === 'not-applicable';
  const wanted = x.items.filter((i) => filter === 'all' || (filter === 'open' && !met(i)) || (filter === 'gaps' && i.gap) || (filter === 'unanswered' && i.declared === ''));
  const chosen = x.items.find((i) => i.id === doing?.item);
  const close = () => { setDoing(undefined); };
  return (
    <div className={`la-card ${css.scroll ?? ''}`} role="region" aria-label={t('tabs.requirements')} tabIndex={0}>
      <table className={css.table}>
        <thead>
          <tr>
            <th scope="col">{t('item')}</th>
            <th scope="col">{t('declaredName')}</th>
            <th scope="col">{t('measuredName')}</th>
            <th scope="col">{t('verifiedName')}</th>
          </tr>
        </thead>
        <tbody>
          {x.groups.map((group) => {
            const rows = wanted.filter((i) => i.group === group.id);
            if (rows.length === 0) return null;
            return (
              <Fragment key={group.id}>
                <tr>
                  <th scope="colgroup" colSpan={4}>
                    <span className={css.line}>
                      {group.code} {vietnamese ? group.vi : group.name}
                      <span className="la-dim">{t('ofAsked', { met: group.tally.met, asked: group.tally.asked })}</span>
                      {group.findings > 0 && <Badge tone="high">{t('findings', { count: group.findings })}</Badge>}
                    </span>
                  </th>
                </tr>
                {rows.map((i) => (
                  <tr key={i.id} data-item={i.id}>
                    <td className={css.item}>
                      {vietnamese ? i.vi : i.name}
                      <div className="la-dim">{bound(i.asked)}</div>
                      <div className="la-dim">{t('mapped', { list: [...i.cis.map((id) => `CIS ${id}`), ...i.csf].join(', ') || '–' })}</div>
                    </td>
                    <td>
                      <span className={css.line}>
                        <Badge tone={declaredTone[i.declared as keyof typeof declaredTone]}>{t(`declared.${(i.declared || 'none') as 'none'}`)}</Badge>
                        {i.gap && <Badge tone="critical">{t('gap')}</Badge>}
                        {i.overdue && <Badge tone="high">{t('overdue')}</Badge>}
                        {i.excepted && <Badge tone="medium">{t('excepted', { day: showDay(i.exceptionUntil) })}</Badge>}
                      </span>
                      <div className="la-dim">
                        {[i.responsible && t('responsibleIs', { name: i.responsible }), i.due && t('due', { day: showDay(i.due) })].filter(Boolean).join(' · ')}
                      </div>
                      {i.reason && <div className={css.text}>{i.reason}</div>}
                      <Group gap={6} mt={4}>
                        {x.mayDeclare && <Button size="compact-sm" variant="default" onClick={() => { setDoing({ what: 'declare', item: i.id }); }}>{t('declare.open')}</Button>}
                        <Button size="compact-sm" variant="default" onClick={() => { setDoing({ what: 'evidence', item: i.id }); }}>
                          {i.evidence.length > 0 ? t('evidenceCount', { count: i.evidence.length }) : t('evidence.open')}
                        </Button>
                      </Group>
                    </td>
                    <td>{i.measured ? <Measured item={i} unit={x.unitName} /> : '–'}</td>
                    <td>
                      <Badge tone={verdictTone[i.verdict as keyof typeof verdictTone]}>{t(`verdict.${(i.verdict || 'none') as 'none'}`)}</Badge>
                      {i.verifiedBy && (
                        <div className="la-dim">
                          {i.verifiedBy.by.displayName} · <Time at={i.verifiedBy.at} />
                        </div>
                      )}
                      {i.inspection !== '' && (
                        <div className="la-dim">
                          <Link to="/inspections/$id" params={{ id: i.inspection }}>{t('byInspection', { code: i.inspectionCode })}</Link>
                        </div>
                      )}
                      {i.verdictNote && <div className={css.text}>{i.verdictNote}</div>}
                      {i.mayVerify && (
                        <Button mt={4} size="compact-sm" variant="default" onClick={() => { setDoing({ what: 'judge', item: i.id }); }}>
                          {t('judge.open')}
                        </Button>
                      )}
                    </td>
                  </tr>
                ))}
              </Fragment>
            );
          })}
        </tbody>
      </table>
      {chosen && doing?.what === 'declare' && <DeclareDialog system={x.system} item={chosen} onClose={close} />}
      {chosen && doing?.what === 'judge' && <JudgeDialog system={x.system} item={chosen} onClose={close} />}
      {chosen && doing?.what === 'evidence' && <EvidenceDialog system={x.system} item={chosen} may={x.mayDeclare} onClose={close} />}
    </div>
  );
}

function Measured({ item, unit }: { item: SystemRequirement; unit: string }) {
  const { t, i18n } = useTranslation('standing');
  const bound = useBound();
  const m = item.measured;
  if (!m) return null;
  const from = { 'events-30d': 'now-30d', 'events-7d': 'now-7d' }[m.how] ?? 'now-90d';
  return (
    <>
      <Badge tone={resultTone[m.result]}>{t(`result.${m.result}`)}</Badge>
      <div>
        {i18n.language === 'vi' ? m.vi : m.name}: {m.known ? `${m.value} ${t(`units.${m.unit as 'days'}`)}` : '–'}
      </div>
      <div className="la-dim">{t('needed', { bound: bound(m.needed) })}</div>
      <div className="la-dim">{t(`how.${(m.how || 'none') as 'none'}`, { unit: m.of || unit })}</div>
      {m.query && <a href={`/search?${new URLSearchParams({ q: `(${m.query}) AND unit:"${m.of}"`, from, to: 'now' }).toString()}`}>{t('search')}</a>}
    </>
  );
}

interface Props {
  system: string;
  item: SystemRequirement;
  onClose: () => void;
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

function DeclareDialog({ system, item, onClose }: Props) {
  const { t, i18n } = useTranslation('standing');
  const [d, setD] = useState({ declared: item.declared || 'fully', reason: item.reason, responsible: item.responsible, due: item.due, exceptionReason: item.exceptionReason, exceptionUntil: item.exceptionUntil });
  const set = (change: Partial<typeof d>) => { setD((old) => ({ ...old, ...change })); };
  const saved = useSaved(onClose);
  const save = useMutation({ mutationFn: () => declareRequirement(system, { ...d, item: item.id, version: item.version }), onSuccess: saved });
  const error = useFieldErrors(save.error);
  return (
    <Dialog opened onClose={onClose} size="lg" title={t('declare.title', { item: i18n.language === 'vi' ? item.vi : item.name })}>
      <Form error={save.error} fields={Object.keys(d)} submit={t('declare.save')} busy={save.isPending} onCancel={onClose} onSubmit={() => { save.mutate(); }}>
        <Select label={t('declare.state')} data-autofocus allowDeselect={false} data={states.map((value) => ({ value, label: t(`declared.${value}`) }))} value={d.declared} error={error('declared')} onChange={(declared) => { set({ declared: declared ?? '' }); }} />
        <Textarea label={t(d.declared === 'not-applicable' ? 'declare.reasonNeeded' : 'declare.reason')} autosize minRows={2} maxLength={4000} value={d.reason} error={error('reason')} onChange={(e) => { set({ reason: e.currentTarget.value }); }} />
        <TextInput label={t('declare.responsible')} maxLength={200} value={d.responsible} error={error('responsible')} onChange={(e) => { set({ responsible: e.currentTarget.value }); }} />
        <DayInput label={t('declare.due')} value={d.due} error={error('due')} onChange={(due) => { set({ due }); }} />
        <Textarea label={t('declare.exception')} description={t('declare.exceptionHint')} autosize minRows={1} maxLength={4000} value={d.exceptionReason} error={error('exceptionReason')} onChange={(e) => { set({ exceptionReason: e.currentTarget.value }); }} />
        <DayInput label={t('declare.until')} value={d.exceptionUntil} error={error('exceptionUntil')} onChange={(exceptionUntil) => { set({ exceptionUntil }); }} />
      </Form>
    </Dialog>
  );
}

function JudgeDialog({ system, item, onClose }: Props) {
  const { t, i18n } = useTranslation('standing');
  const [verdict, setVerdict] = useState('confirmed');
  const [note, setNote] = useState('');
  const saved = useSaved(onClose);
  const save = useMutation({ mutationFn: () => verifyRequirement(system, { item: item.id, verdict, note, version: item.version }), onSuccess: saved });
  const error = useFieldErrors(save.error);
  return (
    <Dialog opened onClose={onClose} title={t('judge.title', { item: i18n.language === 'vi' ? item.vi : item.name })}>
      <Form error={save.error} fields={['verdict', 'note']} submit={t('judge.save')} busy={save.isPending} onCancel={onClose} onSubmit={() => { save.mutate(); }}>
        <Text size="sm">{t('judge.text')}</Text>
        <Select label={t('judge.verdict')} data-autofocus allowDeselect={false} data={(['confirmed', 'refuted'] as const).map((value) => ({ value, label: t(`verdict.${value}`) }))} value={verdict} error={error('verdict')} onChange={(value) => { setVerdict(value ?? ''); }} />
        <Textarea label={t('judge.note')} autosize minRows={2} maxLength={4000} value={note} error={error('note')} onChange={(e) => { setNote(e.currentTarget.value); }} />
      </Form>
    </Dialog>
  );
}

function EvidenceDialog({ system, item, may, onClose }: Props & { may: boolean }) {
  const { t, i18n } = useTranslation('standing');
  const client = useQueryClient();
  const [file, setFile] = useState<File | null>(null);
  const [reference, setReference] = useState('');
  const [expires, setExpires] = useState('');
  const again = async () => {
    setFile(null);
    setReference('');
    await standingChanged(client);
  };
  const add = useMutation({ mutationFn: () => (file ? addFile(system, item.id, file, expires) : addReference(system, item.id, reference, expires)), onSuccess: again });
  const drop = useMutation({ mutationFn: (id: string) => removeEvidence(system, id), onSuccess: again });
  const error = useFieldErrors(add.error);
  return (
    <Dialog opened onClose={onClose} size="lg" title={t('evidence.title', { item: i18n.language === 'vi' ? item.vi : item.name })}>
      {item.evidence.length === 0 && <Text size="sm" mb="sm">{t('evidence.none')}</Text>}
      <ul>
        {item.evidence.map((e) => (
          <li key={e.id}>
            <span className={css.line}>
              {e.kind === 'file' ? <a href={evidenceUrl(system, e.id)} download={e.name} aria-label={t('evidence.download', { name: e.name })}>{e.name}</a> : e.name}
              <span className="la-dim">{e.by.displayName} · <Time at={e.at} />{e.expires && ` · ${t('evidence.expiresOn', { day: showDay(e.expires) })}`}</span>
              {e.expired && <Badge tone="high">{t('evidence.expired')}</Badge>}
              {may && <Button size="compact-sm" variant="subtle" color="red" aria-label={t('evidence.remove', { name: e.name })} onClick={() => { drop.mutate(e.id); }}>×</Button>}
            </span>
            <Signed file={e} />
          </li>
        ))}
      </ul>
      {drop.error && <ErrorState error={drop.error} />}
      {may && (
        <Form error={add.error} fields={['reference', 'expires']} submit={t('evidence.add')} busy={add.isPending} disabled={!file && reference.trim() === ''} onSubmit={() => { add.mutate(); }}>
          <Group>
            <FileButton onChange={setFile}>{(props) => <Button {...props} variant="default" size="xs">{t('evidence.choose')}</Button>}</FileButton>
            <Text size="sm">{file?.name}</Text>
          </Group>
          <TextInput label={t('evidence.reference')} maxLength={500} disabled={file !== null} value={reference} error={error('reference')} onChange={(e) => { setReference(e.currentTarget.value); }} />
          <DayInput label={t('evidence.expires')} value={expires} error={error('expires')} onChange={setExpires} />
        </Form>
      )}
    </Dialog>
  );
}
