import '../../i18n/documents';

import { Select } from '@mantine/core';
import { useMutation, useQuery, useQueryClient } from '@tanstack/react-query';
import { useNavigate } from '@tanstack/react-router';
import { useState } from 'react';
import { useTranslation } from 'react-i18next';

import { documentsChanged, draftDocument, replacing, templateName, templatesQuery } from '../../api/documentQueries';
import { obligationsQuery } from '../../api/obligationQueries';
import { Form } from '../../kit/Form';
import { Dialog } from '../../ui/Dialog';
import { UnitPicker } from '../users/UnitPicker';

/** Begins a draft; about a matter, with the obligation it discharges. */
export function NewDocument({ subject, onClose }: { subject?: { kind: string; id: string } | undefined; onClose: () => void }) {
  const { t, i18n } = useTranslation('documents');
  const client = useQueryClient();
  const navigate = useNavigate();
  const templates = useQuery(templatesQuery).data?.items ?? [];
  const ask = { state: 'any', subjectKind: subject?.kind, subject: subject?.id, limit: 100 };
  const real = useQuery({ ...obligationsQuery(ask), enabled: subject !== undefined });
  const drill = useQuery({ ...obligationsQuery({ ...ask, drill: true }), enabled: subject !== undefined });
  const open = [...(real.data?.items ?? []), ...(drill.data?.items ?? [])].filter((o) => o.state === 'pending' || o.state === 'prepared');
  const [template, setTemplate] = useState<string | null>(null);
  const [obligation, setObligation] = useState<string | null>(null);
  const [unit, setUnit] = useState<string | null>(null);
  const chosen = templates.find((x) => x.id === template);
  const ofUnit = subject === undefined && chosen?.subject === 'unit';
  const about = ofUnit && unit !== null ? { kind: 'unit', id: unit } : subject;
  const save = useMutation({
    mutationFn: () =>
      draftDocument({ template: template ?? '', ...(about && { subjectKind: about.kind, subject: about.id }), ...(obligation !== null && { obligation }) }),
    onSuccess: async (made) => {
      void documentsChanged(client);
      await navigate({ to: '/documents/$id', params: { id: made.id } });
    },
  });
  const vi = i18n.language === 'vi';
  // A Word file in place of a template is offered as that template, which it is made of.
  const offered = templates
    .filter((x) => x.replaces === '' && (x.subject === '' || x.subject === subject?.kind || (subject === undefined && (x.subject === 'date' || x.subject === 'unit'))))
    .map((x) => {
      const by = replacing(templates, x.id);
      const name = templateName(x, i18n.language);
      return { value: x.id, label: by ? t('templateOwn', { name, own: by.name }) : name };
    });
  return (
    <Dialog opened onClose={onClose} title={t('new')}>
      <Form error={save.error} submit={t('create')} busy={save.isPending} disabled={template === null || (ofUnit && unit === null)} onCancel={onClose} onSubmit={() => { save.mutate(); }}>
        {open.length > 0 && (
          <Select
            label={t('obligation')}
            placeholder={t('obligationNone')}
            clearable
            clearButtonProps={{ 'aria-label': t('obligationNone') }}
            data={open.map((o) => ({ value: o.id, label: vi ? o.titleVi : o.title }))}
            value={obligation}
            onChange={(id) => {
              setObligation(id);
              const form = open.find((o) => o.id === id)?.form;
              if (form !== undefined && templates.some((x) => x.id === form)) setTemplate(form);
            }}
          />
        )}
        <Select
          label={t('template')}
          description={t('templateHint')}
          searchable
          data={offered}
          value={template}
          onChange={setTemplate}
        />
        {ofUnit && <UnitPicker label={t('aboutUnit')} value={unit} onChange={setUnit} />}
      </Form>
    </Dialog>
  );
}
