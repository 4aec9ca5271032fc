import { Checkbox, Select, Text, Textarea, TextInput } from '@mantine/core';
import { useMutation, useQueryClient } from '@tanstack/react-query';
import { useState } from 'react';
import { useTranslation } from 'react-i18next';

import { documentChannels, type DocumentDetail, type DocumentPreview, documentsChanged, type DocumentVerb, stepDocument } from '../../api/documentQueries';
import { Form } from '../../kit/Form';
import { MomentInput } from '../../kit/MomentInput';
import { Dialog } from '../../ui/Dialog';
import { toast } from '../../ui/toast';

interface Props {
  document: DocumentDetail;
  verb: DocumentVerb;
  missing: DocumentPreview['missing'];
  onClose: () => void;
}

/** One step of a document. What would keep it from being taken is said before. */
export function StepDialog({ document: d, verb, missing, onClose }: Props) {
  const { t } = useTranslation('documents');
  const client = useQueryClient();
  const [at, setAt] = useState<string>();
  const [note, setNote] = useState('');
  const [channel, setChannel] = useState<string | null>(d.drill ? 'exercise' : null);
  const [receiver, setReceiver] = useState('');
  const [receipt, setReceipt] = useState('');
  const [gaps, setGaps] = useState(false);
  const save = useMutation({
    mutationFn: () =>
      stepDocument(d.id, {
        verb,
        version: d.version,
        gaps,
        ...(at !== undefined && { at }),
        ...(note.trim() !== '' && { note: note.trim() }),
        ...(verb === 'send' && { channel: channel ?? '', receiver }),
        ...(verb === 'acknowledge' && { receipt }),
      }),
    onSuccess: async () => {
      toast({ message: t(`did.${verb}`), autoClose: 5_000 });
      await documentsChanged(client);
      onClose();
    },
  });
  const without = verb === 'send' && !d.drill ? d.recipients.filter((r) => r.address === '') : [];
  const reason = verb === 'return' || verb === 'withdraw';
  return (
    <Dialog opened onClose={onClose} title={t(`verb.${verb}`)}>
      <Form error={save.error} submit={t(`verb.${verb}`)} busy={save.isPending} danger={verb === 'withdraw'} disabled={without.length > 0 || (verb === 'approve' && missing.length > 0 && !gaps)} onCancel={onClose} onSubmit={() => { save.mutate(); }}>
        <Text size="sm">{t(`verbText.${verb}`)}</Text>
        {d.drill && <Text fw={600}>{t('drillText')}</Text>}
        {without.length > 0 && (
          <div role="alert">
            {without.map((r, i) => (
              <Text key={i} size="sm" className="la-wrap">
                <strong>{r.name}</strong>: {t('noAddress')}. {t(`remedy.${r.kind}`)}
              </Text>
            ))}
          </div>
        )}
        {verb === 'approve' && missing.length > 0 && (
          <>
            <Text fw={600}>{t('missing')}</Text>
            <ul>
              {missing.map((m) => (
                <li key={m.field} lang="vi">{m.name}</li>
              ))}
            </ul>
            <Checkbox label={t('gaps')} checked={gaps} onChange={(e) => { setGaps(e.currentTarget.checked); }} />
          </>
        )}
        {verb === 'send' && (
          <>
            <Select label={t('channel')} data={documentChannels.filter((c) => (c === 'exercise') === d.drill).map((value) => ({ value, label: t(`channels.${value}`) }))} value={channel} onChange={setChannel} />
            <TextInput label={t('receiver')} placeholder={t('receiverHint')} maxLength={200} value={receiver} onChange={(e) => { setReceiver(e.currentTarget.value); }} />
          </>
        )}
        {verb === 'acknowledge' && <TextInput label={t('receipt')} placeholder={t('receiptHint')} maxLength={200} value={receipt} onChange={(e) => { setReceipt(e.currentTarget.value); }} />}
        {(verb === 'send' || verb === 'acknowledge') && <MomentInput label={t('at')} value={at} onChange={setAt} />}
        <Textarea label={reason ? t('reason') : t('note')} autosize minRows={2} maxLength={4000} value={note} onChange={(e) => { setNote(e.currentTarget.value); }} />
      </Form>
    </Dialog>
  );
}
