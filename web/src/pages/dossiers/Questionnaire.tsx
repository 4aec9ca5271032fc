import { Alert, Button, Checkbox, Group, NumberInput, Radio, Select, Stack, Text } from '@mantine/core';
import { useMutation, useQuery, useQueryClient } from '@tanstack/react-query';
import { useState } from 'react';
import { useTranslation } from 'react-i18next';

import { answerDossier, type Answers, type DossierDetail, judgeQuery, type LevelBook, type LevelCriteria, type LevelQuestion, levelsQuery } from '../../api/dossierQueries';
import { ErrorState, Rows } from '../../ui/State';
import { toast } from '../../ui/toast';
import { asked, chosen, kept, tidied } from './answers';
import css from './dossiers.module.css';
import { ResultPanel } from './ResultPanel';

/** The criteria as questions, and beside them what the answers come to. */
export function Questionnaire({ dossier, editable }: { dossier: DossierDetail; editable: boolean }) {
  const book = useQuery(levelsQuery);
  if (book.isPending) return <Rows count={6} />;
  if (!book.data) return <ErrorState error={book.error} retry={() => void book.refetch()} />;
  // Another version of the dossier begins with the answers it has.
  return <Questions key={dossier.version} book={book.data} dossier={dossier} editable={editable} />;
}

function Questions({ book, dossier, editable }: { book: LevelBook; dossier: DossierDetail; editable: boolean }) {
  const { t, i18n } = useTranslation('dossiers');
  const client = useQueryClient();
  const [id, setId] = useState(dossier.criteria);
  const [answers, setAnswers] = useState<Answers>(() => kept(dossier.answers));
  const criteria = book.criteria.find((one) => one.id === id);
  const sent = criteria ? tidied(criteria, answers) : {};
  const changed = id !== dossier.criteria || JSON.stringify(sent) !== JSON.stringify(criteria ? tidied(criteria, kept(dossier.answers)) : {});
  const live = useQuery({ ...judgeQuery(id, sent), enabled: changed });
  const save = useMutation({
    mutationFn: () => answerDossier(client, dossier, id, sent),
    onSuccess: () => {
      toast({ message: t('saved'), autoClose: 3_000 });
    },
  });
  if (!criteria) return null;
  const word = (one: { vi: string; en: string }) => (i18n.language === 'vi' ? one.vi : one.en);
  const result = changed ? (live.data ?? dossier.result) : dossier.result;
  return (
    <div className={css.split}>
      <Stack gap="md">
        <Select
          label={t('criteria')}
          data={book.criteria.map((one) => ({ value: one.id, label: word(one) }))}
          value={id}
          allowDeselect={false}
          disabled={!editable}
          onChange={(next) => {
            if (next === null) return;
            setId(next);
            setAnswers({});
          }}
        />
        {criteria.verify && (
          <Alert color="yellow" title={t('verify')} p="xs" classNames={{ title: css.alertTitle ?? '' }}>
            {word(criteria.remark)}
          </Alert>
        )}
        {asked(criteria, answers).map((question) => (
          <Question
            key={question.id}
            question={question}
            value={answers[question.id] ?? []}
            editable={editable}
            onChange={(value) => {
              setAnswers((old) => ({ ...old, [question.id]: value }));
            }}
          />
        ))}
        <Rules criteria={criteria} />
        {save.error && <ErrorState error={save.error} />}
        {editable && (
          <Group gap="sm">
            <Button disabled={!changed} loading={save.isPending} onClick={() => { save.mutate(); }}>
              {t('save')}
            </Button>
            {changed && (
              <Text size="sm" className="la-dim">
                {t('unsaved')}
              </Text>
            )}
          </Group>
        )}
      </Stack>
      <ResultPanel result={result} error={changed ? live.error : null} />
    </div>
  );
}

function Rules({ criteria }: { criteria: LevelCriteria }) {
  const { i18n } = useTranslation('dossiers');
  return (
    <ul className={css.rules}>
      {criteria.rules.map((rule) => (
        <li key={rule.vi}>
          {i18n.language === 'vi' ? rule.vi : rule.en} <span className="la-dim">({rule.article})</span>
        </li>
      ))}
    </ul>
  );
}

interface QuestionProps {
  question: LevelQuestion;
  value: string[];
  editable: boolean;
  onChange: (value: string[]) => void;
}

function Question({ question, value, editable, onChange }: QuestionProps) {
  const { t, i18n } = useTranslation('dossiers');
  const vietnamese = i18n.language === 'vi';
  const label = vietnamese ? question.vi : question.en;
  const options = question.answers.map((one) => ({ id: one.id, label: `${vietnamese ? one.vi : one.en}${one.level > 0 ? ` (${t('levelN', { level: one.level })})` : ''}` }));
  if (question.kind === 'number')
    return (
      <NumberInput
        label={label}
        description={`${question.article}. ${t('countHint')}`}
        min={0}
        allowDecimal={false}
        thousandSeparator="."
        decimalSeparator=","
        disabled={!editable}
        value={value[0] === undefined ? '' : Number(value[0])}
        onChange={(next) => {
          onChange(next === '' ? [] : [String(next)]);
        }}
      />
    );
  if (question.kind === 'one')
    return (
      <Radio.Group label={label} description={question.article} value={value[0] ?? ''} onChange={(next) => { onChange([next]); }}>
        <Stack gap={6} mt={6}>
          {options.map((one) => (
            <Radio key={one.id} value={one.id} label={one.label} disabled={!editable} />
          ))}
        </Stack>
      </Radio.Group>
    );
  return (
    <Checkbox.Group label={label} description={question.article} value={value} onChange={(next) => { onChange(chosen(question, value, next)); }}>
      <Stack gap={6} mt={6}>
        {options.map((one) => (
          <Checkbox key={one.id} value={one.id} label={one.label} disabled={!editable} />
        ))}
      </Stack>
    </Checkbox.Group>
  );
}
