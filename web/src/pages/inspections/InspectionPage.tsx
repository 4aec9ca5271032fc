import '../../i18n/inspections';

import { Button, Group, Select, Text, TextInput } from '@mantine/core';
import { IconClipboardCheck } from '@tabler/icons-react';
import { useMutation, useQuery, useQueryClient } from '@tanstack/react-query';
import { getRouteApi, Link, useNavigate } from '@tanstack/react-router';
import { useState } from 'react';
import { useTranslation } from 'react-i18next';

import { type Answer, answerInspection, inspectionCatalogueQuery, type InspectionDetail, inspectionQuery, inspectionsChanged, stepInspection } from '../../api/assessmentQueries';
import { draftDocument } from '../../api/documentQueries';
import { useMay } from '../../app/session';
import { ConfirmDialog } from '../../kit/ConfirmDialog';
import { DateTime } from '../../kit/DateTime';
import page from '../../ui/page.module.css';
import { PageHeader } from '../../ui/PageHeader';
import { ErrorState, Rows } from '../../ui/State';
import { Denied } from '../users/Denied';
import { sectionsOf } from './checklist';
import { Findings } from './Findings';
import { InspectionDialog } from './InspectionDialog';
import css from './inspections.module.css';
import { VisitState } from './parts';
import { Verdicts } from './Verdicts';

const route = getRouteApi('/inspections/$id');
type Verb = 'notify' | 'start' | 'conclude' | 'cancel';
const verbs: Record<InspectionDetail['state'], Verb[]> = { planned: ['notify', 'cancel'], noticed: ['start', 'cancel'], running: ['conclude', 'cancel'], concluded: [], cancelled: [] };

export function InspectionPage() {
  return (
    <Denied action="assessment.read">
      <Inspection />
    </Denied>
  );
}

/** A visit: what it is, its checklist, what it found and its papers. */
function Inspection() {
  const { t } = useTranslation('inspections');
  const { id } = route.useParams();
  const query = useQuery(inspectionQuery(id));
  return (
    <div className={page.page}>
      <Link to="/inspections">{t('back')}</Link>
      {query.isError && <ErrorState error={query.error} retry={() => void query.refetch()} />}
      {query.isPending && <Rows />}
      {query.data && <Shown visit={query.data} />}
    </div>
  );
}

function Shown({ visit: v }: { visit: InspectionDetail }) {
  const { t } = useTranslation('inspections');
  const may = useMay();
  const manages = may('assessment.manage');
  // A unit keeps its assessments of itself; what the centre asked for is the centre's to change and call off.
  const keeps = manages || (v.kind === 'self' && may('assessment.self'));
  const plans = manages || (keeps && v.ofUnit);
  const client = useQueryClient();
  const [asked, setAsked] = useState<Verb>();
  const [editing, setEditing] = useState(false);
  const texts = ['conclude', 'cancel'];
  return (
    <>
      <PageHeader title={`${v.code} · ${v.title}`}>
        {keeps && (
          <Group gap="xs">
            {verbs[v.state].filter((verb) => verb !== 'cancel' || plans).map((verb) => (
              <Button
                key={verb}
                size="xs"
                variant={verb === 'cancel' ? 'default' : 'filled'}
                onClick={() => {
                  setAsked(verb);
                }}
              >
                {t(`step.${verb}`)}
              </Button>
            ))}
            {plans && v.state !== 'cancelled' && v.state !== 'concluded' && (
              <Button
                size="xs"
                variant="default"
                onClick={() => {
                  setEditing(true);
                }}
              >
                {t('edit')}
              </Button>
            )}
          </Group>
        )}
      </PageHeader>
      <Facts visit={v} />
      {v.kind === 'self' && <Text size="sm" className="la-dim" mt={6}>{t('selfText')}</Text>}
      {v.conclusion && (
        <section aria-label={t('conclusion')}>
          <h2 className={css.part}>{t('conclusion')}</h2>
          <p className={css.text}>{v.conclusion}</p>
        </section>
      )}
      {may('document.draft') && manages && <Papers unit={v.unit} />}
      {v.devices.length > 0 && <Verdicts visit={v} editable={manages && v.state !== 'cancelled'} />}
      <Checklist key={v.version} visit={v} editable={keeps && (v.state === 'noticed' || v.state === 'running')} />
      <Findings visit={v} />
      {asked && (
        <ConfirmDialog
          title={`${t(`step.${asked}`)}: ${v.code}`}
          text={t(`stepText.${asked}`)}
          confirm={t(`step.${asked}`)}
          {...(texts.includes(asked) ? { reason: asked === 'conclude' ? ('required' as const) : ('optional' as const) } : {})}
          onConfirm={async (text) => {
            await stepInspection(v, asked, text);
            await inspectionsChanged(client);
          }}
          onClose={() => {
            setAsked(undefined);
          }}
        />
      )}
      {editing && (
        <InspectionDialog
          visit={v}
          onClose={() => {
            setEditing(false);
          }}
          onSaved={() => undefined}
        />
      )}
    </>
  );
}

function Facts({ visit: v }: { visit: InspectionDetail }) {
  const { t } = useTranslation('inspections');
  const rows: [string, React.ReactNode][] = [
    [t('stateName'), <VisitState key="s" state={v.state} />],
    [t('unit'), v.unitName],
    [t('kindName'), `${t(`kind.${v.kind}`)}${v.box ? ` · ${t(`boxes.${v.box}`)}` : ''}`],
    [t('starts'), <DateTime key="a" at={v.startsAt} />],
    [t('ends'), <DateTime key="b" at={v.endsAt} />],
    [t('scheduled'), v.scheduled ? '✓' : '—'],
  ];
  if (v.afterIncident) rows.push([t('afterIncident'), '✓']);
  if (v.noticedAt) rows.push([t('noticed'), <DateTime key="n" at={v.noticedAt} />]);
  if (v.emergency) rows.push([t('emergency'), v.emergency]);
  if (v.systems.length > 0) rows.push([t('systems'), v.systems.map((x) => `${x.name}${x.level > 0 ? ` (${t('level', { level: x.level })})` : ''}`).join('; ')]);
  if (v.assessor) rows.push([t('assessor'), v.assessor]);
  if (v.monitor) rows.push([t('monitor'), v.monitor]);
  if (v.team.length > 0) rows.push([t('team'), v.team.map((m) => [m.name, m.duty, m.organisation].filter(Boolean).join(', ')).join('; ')]);
  if (v.startedAt) rows.push([t('started'), <DateTime key="t" at={v.startedAt} />]);
  if (v.minutes) rows.push([t('minutesNumber'), v.minutes]);
  return (
    <section className="la-card" aria-label={t('facts')}>
      <dl className={css.facts}>
        {rows.map(([name, value]) => (
          <div key={name} style={{ display: 'contents' }}>
            <dt>{name}</dt>
            <dd>{value}</dd>
          </div>
        ))}
      </dl>
      {v.noticeHours > 0 && (
        <Text size="xs" c="dimmed" px={12} pb={10}>
          {t('notice', { hours: v.noticeHours, basis: v.noticeBasis })}
        </Text>
      )}
    </section>
  );
}

/** The official papers of a visit, begun from their templates. */
function Papers({ unit }: { unit: string }) {
  const { t } = useTranslation('inspections');
  const navigate = useNavigate();
  const draft = useMutation({
    mutationFn: (template: string) => draftDocument({ template, subjectKind: 'unit', subject: unit, obligation: '' }),
    onSuccess: (d) => void navigate({ to: '/documents/$id', params: { id: d.id } }),
  });
  const papers = [
    ['inspection-notice', 'draftNotice'],
    ['inspection-minutes', 'draftMinutes'],
    ['inspection-conclusion', 'draftConclusion'],
  ] as const;
  return (
    <>
      <Group gap="xs" mt="sm">
        {papers.map(([template, name]) => (
          <Button
            key={template}
            size="xs"
            variant="default"
            disabled={draft.isPending}
            onClick={() => {
              draft.mutate(template);
            }}
          >
            {t(name)}
          </Button>
        ))}
      </Group>
      {draft.error && <ErrorState error={draft.error} />}
    </>
  );
}

const results = ['yes', 'partly', 'no', 'not-applicable'] as const;

function Checklist({ visit: v, editable }: { visit: InspectionDetail; editable: boolean }) {
  const { t, i18n } = useTranslation('inspections');
  const client = useQueryClient();
  const catalogue = useQuery(inspectionCatalogueQuery);
  const [answers, setAnswers] = useState<Record<string, Answer>>(v.answers);
  const save = useMutation({ mutationFn: () => answerInspection(v, answers), onSuccess: () => inspectionsChanged(client) });
  const sections = sectionsOf(v, catalogue.data?.groups ?? []);
  if (sections.length === 0) return null;
  const words = (x: { vi: string; en: string }) => (i18n.language === 'vi' ? x.vi : x.en);
  return (
    <section aria-label={t('checklist')}>
      <Group justify="space-between">
        <h2 className={css.part}>{t('checklist')}</h2>
        {editable && (
          <Button
            size="xs"
            loading={save.isPending}
            onClick={() => {
              save.mutate();
            }}
          >
            <IconClipboardCheck size={15} aria-hidden="true" />
            {t('saveChecklist')}
          </Button>
        )}
      </Group>
      {save.error && <ErrorState error={save.error} />}
      {sections.flatMap((section) => [
        ...(section.system
          ? [
              <h3 key={section.id} className={css.drawn}>
                {t('drawn', { system: section.system.name, level: section.system.asked })} <span className="la-dim">{section.catalogue}</span>
              </h3>,
            ]
          : []),
        ...section.groups.map((g) => (
        <div key={`${section.id}/${g.id}`} className="la-card" style={{ marginBottom: 10 }}>
          <h4 style={{ margin: '10px 12px', fontSize: 14 }}>{words(g)}</h4>
          {g.items.map((item) => {
            const answer = answers[item.id];
            return (
              <div key={item.id} className={css.item}>
                <div>
                  {words(item)}
                  <div className="la-dim">{item.article}</div>
                </div>
                {editable ? (
                  <>
                    <Select
                      size="xs"
                      aria-label={`${t('verdict')}: ${words(item)}`}
                      placeholder={t('result.unset')}
                      clearable
                      data={results.map((value) => ({ value, label: t(`result.${value}`) }))}
                      value={answer?.result ?? null}
                      onChange={(value) => {
                        const result = results.find((r) => r === value);
                        setAnswers((old) => {
                          if (result) return { ...old, [item.id]: { result, note: old[item.id]?.note ?? '' } };
                          return Object.fromEntries(Object.entries(old).filter(([name]) => name !== item.id));
                        });
                      }}
                    />
                    <TextInput
                      size="xs"
                      aria-label={`${t('note')}: ${words(item)}`}
                      placeholder={t('note')}
                      disabled={answer === undefined}
                      value={answer?.note ?? ''}
                      onChange={(event) => {
                        const note = event.currentTarget.value;
                        setAnswers((old) => (answer ? { ...old, [item.id]: { ...answer, note } } : old));
                      }}
                    />
                  </>
                ) : (
                  <>
                    <span>{t(`result.${answer?.result ?? 'unset'}`)}</span>
                    <span className="la-wrap">{answer?.note}</span>
                  </>
                )}
              </div>
            );
          })}
        </div>
        )),
      ])}
    </section>
  );
}
