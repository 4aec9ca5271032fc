import { Button, Group, Select, SimpleGrid, Text, Textarea, TextInput } from '@mantine/core';
import { useMutation, useQuery, useQueryClient } from '@tanstack/react-query';
import { useState } from 'react';
import { useTranslation } from 'react-i18next';

import { addFinding, answerFinding, type Finding, inspectionCatalogueQuery, type InspectionDetail, inspectionsChanged, recheckFinding } from '../../api/assessmentQueries';
import { useMay } from '../../app/session';
import { ConfirmDialog } from '../../kit/ConfirmDialog';
import { Form, useFieldErrors } from '../../kit/Form';
import { LevelBadge } from '../../ui/Badge';
import { Dialog } from '../../ui/Dialog';
import { sectionsOf } from './checklist';
import css from './inspections.module.css';
import { day, FindingState } from './parts';

const severities = ['critical', 'high', 'medium', 'low'] as const;

/** What is to be mended, what the unit answered, and what was seen on looking again. */
export function Findings({ visit: v }: { visit: InspectionDetail }) {
  const { t } = useTranslation('inspections');
  const may = useMay();
  const client = useQueryClient();
  const [adding, setAdding] = useState(false);
  const [answered, setAnswered] = useState<Finding>();
  const [checked, setChecked] = useState<{ f: Finding; verb: 'return' | 'close' }>();
  const manages = may('assessment.manage');
  return (
    <section aria-label={t('findings')}>
      <Group justify="space-between">
        <h2 className={css.part}>{t('findings')}</h2>
        {manages && (v.state === 'running' || v.state === 'concluded') && (
          <Button
            size="xs"
            onClick={() => {
              setAdding(true);
            }}
          >
            {t('addFinding')}
          </Button>
        )}
      </Group>
      {v.findings.length === 0 && <Text size="sm">{t('noFindings')}</Text>}
      {v.findings.map((f) => (
        <article key={f.id} className={`la-card ${css.card ?? ''}`} aria-label={f.title}>
          <Group gap="xs">
            <LevelBadge level={f.severity} />
            <FindingState of={f} />
            <strong>{f.title}</strong>
          </Group>
          {f.text && <p className={css.text}>{f.text}</p>}
          <p className={css.text}>{`${t('remedy')}: ${f.remedy}`}</p>
          <p className={css.text}>{`${t('due')}: ${day(f.due)}`}</p>
          {f.answer && <p className={css.text}>{`${t('answered')} (${f.answeredBy}): ${f.answer}\n${t('evidence')}: ${f.evidence}`}</p>}
          {f.recheck && <p className={css.text}>{`${t('recheck')} (${f.recheckBy}): ${f.recheck}`}</p>}
          <Group gap="xs">
            {may('assessment.answer') && f.state !== 'closed' && (
              <Button
                size="xs"
                variant="default"
                onClick={() => {
                  setAnswered(f);
                }}
              >
                {t('answer')}
              </Button>
            )}
            {manages &&
              f.state === 'answered' &&
              (['close', 'return'] as const).map((verb) => (
                <Button
                  key={verb}
                  size="xs"
                  variant={verb === 'close' ? 'filled' : 'default'}
                  onClick={() => {
                    setChecked({ f, verb });
                  }}
                >
                  {t(verb)}
                </Button>
              ))}
          </Group>
        </article>
      ))}
      {adding && (
        <FindingDialog
          visit={v}
          onClose={() => {
            setAdding(false);
          }}
        />
      )}
      {answered && (
        <AnswerDialog
          finding={answered}
          onClose={() => {
            setAnswered(undefined);
          }}
        />
      )}
      {checked && (
        <ConfirmDialog
          title={`${t(checked.verb)}: ${checked.f.title}`}
          text={t('recheckText')}
          confirm={t(checked.verb)}
          reason="required"
          onConfirm={async (text) => {
            await recheckFinding(checked.f, checked.verb, text);
            await inspectionsChanged(client);
          }}
          onClose={() => {
            setChecked(undefined);
          }}
        />
      )}
    </section>
  );
}

function FindingDialog({ visit, onClose }: { visit: InspectionDetail; onClose: () => void }) {
  const { t, i18n } = useTranslation(['translation', 'inspections']);
  const client = useQueryClient();
  const catalogue = useQuery(inspectionCatalogueQuery);
  const [body, setBody] = useState({ title: '', text: '', item: '', severity: 'medium' as Finding['severity'], remedy: '', due: '' });
  const save = useMutation({
    mutationFn: () => addFinding(visit.id, body),
    onSuccess: async () => {
      await inspectionsChanged(client);
      onClose();
    },
  });
  const fieldError = useFieldErrors(save.error);
  const words = (x: { vi: string; en: string }) => (i18n.language === 'vi' ? x.vi : x.en);
  const items = sectionsOf(visit, catalogue.data?.groups ?? []).map((section) => ({
    group: section.system?.name ?? t('inspections:ofAll'),
    items: section.groups.flatMap((g) => g.items.map((x) => ({ value: x.id, label: words(x) }))),
  }));
  const set = (next: Partial<typeof body>) => {
    setBody((old) => ({ ...old, ...next }));
  };
  return (
    <Dialog opened onClose={onClose} size="lg" title={t('inspections:addFinding')}>
      <Form
        error={save.error}
        fields={['title', 'text', 'item', 'severity', 'remedy', 'due']}
        submit={t('inspections:save')}
        busy={save.isPending}
        disabled={body.title.trim() === '' || body.remedy.trim() === '' || body.due === ''}
        onSubmit={() => {
          save.mutate();
        }}
        onCancel={onClose}
      >
        <TextInput
          label={t('inspections:findingTitle')}
          required
          data-autofocus
          value={body.title}
          error={fieldError('title')}
          onChange={(event) => {
            set({ title: event.currentTarget.value });
          }}
        />
        <Select
          label={t('inspections:item')}
          placeholder={t('inspections:none')}
          clearable
          searchable
          data={items}
          value={body.item || null}
          error={fieldError('item')}
          onChange={(item) => {
            set({ item: item ?? '' });
          }}
        />
        <Textarea
          label={t('inspections:findingText')}
          autosize
          minRows={2}
          value={body.text}
          error={fieldError('text')}
          onChange={(event) => {
            set({ text: event.currentTarget.value });
          }}
        />
        <Textarea
          label={t('inspections:remedy')}
          required
          autosize
          minRows={2}
          value={body.remedy}
          error={fieldError('remedy')}
          onChange={(event) => {
            set({ remedy: event.currentTarget.value });
          }}
        />
        <SimpleGrid cols={{ base: 1, sm: 2 }}>
          <Select
            label={t('inspections:severity')}
            allowDeselect={false}
            data={severities.map((value) => ({ value, label: t(`level.${value}`) }))}
            value={body.severity}
            onChange={(value) => {
              set({ severity: severities.find((s) => s === value) ?? body.severity });
            }}
          />
          <TextInput
            label={t('inspections:due')}
            type="date"
            required
            value={body.due}
            error={fieldError('due')}
            onChange={(event) => {
              set({ due: event.currentTarget.value });
            }}
          />
        </SimpleGrid>
      </Form>
    </Dialog>
  );
}

function AnswerDialog({ finding, onClose }: { finding: Finding; onClose: () => void }) {
  const { t } = useTranslation('inspections');
  const client = useQueryClient();
  const [text, setText] = useState('');
  const [evidence, setEvidence] = useState('');
  const save = useMutation({
    mutationFn: () => answerFinding(finding, text, evidence),
    onSuccess: async () => {
      await inspectionsChanged(client);
      onClose();
    },
  });
  const fieldError = useFieldErrors(save.error);
  return (
    <Dialog opened onClose={onClose} title={`${t('answer')}: ${finding.title}`}>
      <Form
        error={save.error}
        fields={['text', 'evidence']}
        submit={t('answer')}
        busy={save.isPending}
        disabled={text.trim() === '' || evidence.trim() === ''}
        onSubmit={() => {
          save.mutate();
        }}
        onCancel={onClose}
      >
        <Textarea
          label={t('answerText')}
          required
          data-autofocus
          autosize
          minRows={3}
          value={text}
          error={fieldError('text')}
          onChange={(event) => {
            setText(event.currentTarget.value);
          }}
        />
        <Textarea
          label={t('evidence')}
          description={t('evidenceHint')}
          required
          autosize
          minRows={2}
          value={evidence}
          error={fieldError('evidence')}
          onChange={(event) => {
            setEvidence(event.currentTarget.value);
          }}
        />
      </Form>
    </Dialog>
  );
}
