import { Button, Group, Select, Switch, Text, Textarea, TextInput } from '@mantine/core';
import { useMutation, useQuery, useQueryClient } from '@tanstack/react-query';
import { useState } from 'react';
import { useTranslation } from 'react-i18next';

import { addresseesQuery, type DocumentContent, type DocumentDetail, type DocumentPreview, documentsChanged, editDocument } from '../../api/documentQueries';
import { Form } from '../../kit/Form';
import { UnitPicker, useUnitNames } from '../users/UnitPicker';
import { toast } from '../../ui/toast';
import css from './documents.module.css';

const short = ['parent', 'agency', 'symbol', 'place', 'kind', 'abstract', 'signer', 'archive'] as const;
const long = ['basis', 'signLines', 'copies'] as const;

/** The text of a draft. */
export function DocumentForm({ document: d, missing }: { document: DocumentDetail; missing: DocumentPreview['missing'] }) {
  const { t } = useTranslation('documents');
  const client = useQueryClient();
  const [c, setC] = useState<DocumentContent>(d.content);
  const urgencies = [t('urgency.a'), t('urgency.b'), t('urgency.c')];
  const set = (change: Partial<DocumentContent>) => {
    setC((old) => ({ ...old, ...change }));
  };
  const save = useMutation({
    mutationFn: () => {
      const tidy = (list: string[]) => list.map((line) => line.trim()).filter(Boolean);
      return editDocument(d.id, d.version, { ...c, basis: tidy(c.basis), signLines: tidy(c.signLines), copies: tidy(c.copies) });
    },
    onSuccess: async () => {
      toast({ message: t('saved'), autoClose: 4_000 });
      await documentsChanged(client);
    },
  });
  const field = (name: (typeof short)[number]) => (
    <TextInput key={name} label={t(`field.${name}`)} maxLength={500} value={c[name]} onChange={(e) => { set({ [name]: e.currentTarget.value }); }} />
  );
  // What was written over stays visible after it is known.
  const open = [...missing.filter((m) => !m.field.startsWith('.')), ...Object.keys(c.fields).filter((f) => !missing.some((m) => m.field === f)).map((f) => ({ field: f, name: f }))];
  return (
    <div className={`la-card ${css.item ?? ''}`}>
      <Form error={save.error} submit={t('save')} busy={save.isPending} onSubmit={() => { save.mutate(); }}>
        {open.length > 0 && (
          <section aria-label={t('missing')}>
            <Text fw={600}>{t('missing')}</Text>
            <Text size="sm">{t('missingText')}</Text>
            {open.map((m) => (
              <Textarea key={m.field} label={<span lang="vi">{m.name}</span>} autosize maxLength={4000} value={c.fields[m.field] ?? ''} onChange={(e) => { set({ fields: { ...c.fields, [m.field]: e.currentTarget.value } }); }} />
            ))}
          </section>
        )}
        {field('abstract')}
        <TextInput label={t('field.greeting')} maxLength={200} value={c.greeting ?? ''} onChange={(e) => { set({ greeting: e.currentTarget.value }); }} />
        <Recipients content={c} onChange={(to) => { set({ to }); }} />
        <Textarea
          label={t('field.body')}
          description={t('bodyHint')}
          autosize
          minRows={10}
          maxRows={30}
          maxLength={100_000}
          value={c.body}
          onChange={(e) => { set({ body: e.currentTarget.value }); }}
        />
        {short.filter((name) => name !== 'abstract').map(field)}
        {long.map((name) => (
          <Textarea key={name} label={t(`field.${name}`)} autosize value={c[name].join('\n')} onChange={(e) => { set({ [name]: e.currentTarget.value.split('\n') }); }} />
        ))}
        <Select
          label={t('field.urgency')}
          placeholder={t('noUrgency')}
          clearable
          clearButtonProps={{ 'aria-label': t('noUrgency') }}
          data={urgencies}
          value={c.urgency === '' ? null : c.urgency}
          onChange={(value) => { set({ urgency: value ?? '' }); }}
        />
        <Switch label={t('field.internal')} checked={c.internal} onChange={(e) => { set({ internal: e.currentTarget.checked }); }} />
      </Form>
    </div>
  );
}

/** To whom it goes: those the law names, and others written by hand. */
function Recipients({ content, onChange }: { content: DocumentContent; onChange: (to: DocumentContent['to']) => void }) {
  const { t } = useTranslation('documents');
  const known = useQuery(addresseesQuery).data?.items ?? [];
  const { name: unitName } = useUnitNames();
  const [name, setName] = useState('');
  const [address, setAddress] = useState('');
  return (
    <section aria-label={t('recipients')}>
      <Text fw={600}>{t('recipients')}</Text>
      <ul>
        {content.to.map((r, i) => (
          <li key={i} className="la-wrap">
            {r.name}{' '}
            <Button size="compact-xs" variant="subtle" aria-label={t('remove', { name: r.name })} onClick={() => { onChange(content.to.filter((_, j) => j !== i)); }}>
              ×
            </Button>
          </li>
        ))}
      </ul>
      <Select
        aria-label={t('addRecipient')}
        placeholder={t('addRecipient')}
        searchable
        data={known.map((a) => ({ value: a.id, label: a.vi }))}
        value={null}
        onChange={(id) => {
          const a = known.find((x) => x.id === id);
          if (a) onChange([...content.to, { kind: 'catalogue', id: a.id, name: a.vi, address: '' }]);
        }}
      />
      <div style={{ marginTop: 6 }}>
        <UnitPicker
          aria-label={t('addUnit')}
          placeholder={t('addUnit')}
          value={null}
          onChange={(id) => {
            if (id !== null && !content.to.some((r) => r.kind === 'unit' && r.id === id)) onChange([...content.to, { kind: 'unit', id, name: unitName(id), address: '' }]);
          }}
        />
      </div>
      <Group mt={6} gap={6} align="end">
        <TextInput size="xs" label={t('recipientName')} maxLength={200} value={name} onChange={(e) => { setName(e.currentTarget.value); }} />
        <TextInput size="xs" label={t('recipientAddress')} maxLength={200} value={address} onChange={(e) => { setAddress(e.currentTarget.value); }} />
        <Button
          size="xs"
          variant="default"
          disabled={name.trim() === ''}
          onClick={() => {
            onChange([...content.to, { kind: 'free', id: '', name: name.trim(), address: address.trim() }]);
            setName('');
            setAddress('');
          }}
        >
          {t('addRecipient')}
        </Button>
      </Group>
    </section>
  );
}
