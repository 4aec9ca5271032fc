import '../../i18n/warnings';

import { Alert, Checkbox, Select } from '@mantine/core';
import { useMutation, useQuery, useQueryClient } from '@tanstack/react-query';
import { getRouteApi, useNavigate } from '@tanstack/react-router';
import { useState } from 'react';
import { useTranslation } from 'react-i18next';

import { advisoryQuery } from '../../api/advisoryQueries';
import { codePlacesQuery, findingQuery } from '../../api/vulnerabilityQueries';
import { createWarning, templatesQuery, type WarningFacts, warningsChanged } from '../../api/warningQueries';
import page from '../../ui/page.module.css';
import { PageHeader } from '../../ui/PageHeader';
import { ErrorState, Rows } from '../../ui/State';
import { formatNumber } from '../../lib/format';
import { factsFrom, type Words } from './advisory';
import { Editor } from './Editor';
import { factsOf } from './facts';
import { factsFromFinding, type FindingWords } from './finding';

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

function useFindingWords(): FindingWords {
  const { i18n } = useTranslation('warnings');
  const t = i18n.getFixedT('vi', 'warnings');
  return {
    title: (title) => t('fromAdvisory.title', { title }),
    content: (code, title) => t('fromFinding.content', { code, title }),
    score: (cvss) => t('fromFinding.score', { score: formatNumber(cvss, 'vi') }),
    exploited: t('fromAdvisory.exploited'),
    source: t('fromFinding.source'),
  };
}

/** Begins a warning from a template; with ?advisory from an advisory, with ?finding from what scanners found, too. */
export function NewWarningPage() {
  const { t, i18n } = useTranslation('warnings');
  const client = useQueryClient();
  const navigate = useNavigate();
  const templates = useQuery(templatesQuery);
  const [chosen, setChosen] = useState<string>();
  const [drill, setDrill] = useState(false);
  const list = templates.data?.items ?? [];
  const { advisory: from, finding } = route.useSearch();
  const seen = useQuery({ ...findingQuery(finding ?? ''), enabled: finding !== undefined });
  const places = useQuery({ ...codePlacesQuery(seen.data?.code ?? ''), enabled: seen.data !== undefined });
  const findingWords = useFindingWords();
  const words = useWords();
  const source = useQuery({ ...advisoryQuery(from ?? ''), enabled: from !== undefined });
  const failed = [templates, source, seen, places].find((x) => x.error);
  const waits = templates.isPending || (from !== undefined && source.isPending) || (finding !== undefined && (seen.isPending || places.isPending));
  const template = list.find((x) => x.id === chosen) ?? list.find((x) => (from ?? finding) !== undefined && x.kind === 'vulnerability') ?? list[0];
  const save = useMutation({
    mutationFn: (facts: WarningFacts) => createWarning(facts, drill),
    onSuccess: async (made) => {
      await warningsChanged(client);
      await navigate({ to: '/warnings/$id', params: { id: made.id } });
    },
  });
  const units = places.data && [...new Set(places.data.items.map((f) => f.unit))];
  const facts = (of: WarningFacts) => {
    if (seen.data && units) return factsFromFinding(of, seen.data, units, findingWords);
    return source.data ? factsFrom(of, source.data, words) : of;
  };
  return (
    <div className={page.page} data-full>
      <PageHeader title={t('new')} />
      {failed && <ErrorState error={failed.error} retry={() => void failed.refetch()} />}
      {waits && !failed && <Rows />}
      {source.data && (
        <Alert color="blue" mb="sm">
          {t('fromAdvisory.note', { number: source.data.number, publisher: source.data.publisher })}
        </Alert>
      )}
      {seen.data && units && (
        <Alert color="blue" mb="sm">
          {t('fromFinding.note', { code: seen.data.code, count: units.length })}
        </Alert>
      )}
      {template && !waits && !failed && (
        <Editor key={template.id} facts={facts(factsOf(template))} submit={t('create')} busy={save.isPending} error={save.error} onSubmit={save.mutate}>
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
