import '../../i18n/warnings';

import { Alert, Checkbox, Select } from '@mantine/core';
import { useMutation, useQuery, useQueryClient } from '@tanstack/react-query';
import { getRouteApi, useNavigate } from '@tanstack/react-router';
import { useState } from 'react';
import { useTranslation } from 'react-i18next';

import { advisoryQuery } from '../../api/advisoryQueries';
import { createWarning, templatesQuery, type WarningFacts, warningsChanged } from '../../api/warningQueries';
import page from '../../ui/page.module.css';
import { PageHeader } from '../../ui/PageHeader';
import { ErrorState, Rows } from '../../ui/State';
import { formatNumber } from '../../lib/format';
import { factsFrom, type Words } from './advisory';
import { Editor } from './Editor';
import { factsOf } from './facts';

const route = getRouteApi('/warnings/new');

/** The text of a warning is Vietnamese, whatever language its writer reads. */
function useWords(): Words {
  const { i18n } = useTranslation('warnings');
  const t = i18n.getFixedT('vi', 'warnings');
  return {
    title: (title) => t('fromAdvisory.title', { title }),
    content: (publisher, number) => t('fromAdvisory.content', { publisher, number }),
    vulnerability: (id, score, text) => (score > 0 ? t('fromAdvisory.one', { id, score: formatNumber(score, 'vi'), text }) : t('fromAdvisory.unscored', { id, text })),
    exploited: t('fromAdvisory.exploited'),
    reference: (url) => t('fromAdvisory.reference', { url }),
  };
}

/** Begins a warning from a template; with ?advisory from an advisory, too. */
export function NewWarningPage() {
  const { t, i18n } = useTranslation('warnings');
  const client = useQueryClient();
  const navigate = useNavigate();
  const templates = useQuery(templatesQuery);
  const [chosen, setChosen] = useState<string>();
  const [drill, setDrill] = useState(false);
  const list = templates.data?.items ?? [];
  const { advisory: from } = route.useSearch();
  const words = useWords();
  const source = useQuery({ ...advisoryQuery(from ?? ''), enabled: from !== undefined });
  const waits = templates.isPending || (from !== undefined && source.isPending);
  const template = list.find((x) => x.id === chosen) ?? list.find((x) => from !== undefined && x.kind === 'vulnerability') ?? list[0];
  const save = useMutation({
    mutationFn: (facts: WarningFacts) => createWarning(facts, drill),
    onSuccess: async (made) => {
      await warningsChanged(client);
      await navigate({ to: '/warnings/$id', params: { id: made.id } });
    },
  });
  return (
    <div className={page.page} data-full>
      <PageHeader title={t('new')} />
      {templates.error && <ErrorState error={templates.error} retry={() => void templates.refetch()} />}
      {source.error && <ErrorState error={source.error} retry={() => void source.refetch()} />}
      {waits && <Rows />}
      {source.data && (
        <Alert color="blue" mb="sm">
          {t('fromAdvisory.note', { number: source.data.number, publisher: source.data.publisher })}
        </Alert>
      )}
      {template && !waits && (
        <Editor key={template.id} facts={source.data ? factsFrom(factsOf(template), source.data, words) : factsOf(template)} submit={t('create')} busy={save.isPending} error={save.error} onSubmit={save.mutate}>
          <Select
            label={t('template')}
            allowDeselect={false}
            data={list.map((x) => ({ value: x.id, label: i18n.language === 'vi' ? x.vi : x.name }))}
            value={template.id}
            onChange={(value) => {
              setChosen(value ?? undefined);
            }}
          />
          <Checkbox
            label={t('asDrill')}
            description={t('drillText')}
            checked={drill}
            onChange={(event) => {
              setDrill(event.currentTarget.checked);
            }}
          />
        </Editor>
      )}
    </div>
  );
}
