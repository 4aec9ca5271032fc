import '../../i18n/obligations';

import { FileInput, Select, Stack, Text, Textarea, TextInput } from '@mantine/core';
import { useMutation, useQueryClient } from '@tanstack/react-query';
import { useState } from 'react';
import { useTranslation } from 'react-i18next';

import { channels, type Obligation, obligationsChanged, type ProofOfSending, takeStep, type Verb } from '../../api/obligationQueries';
import { Form, useFieldErrors } from '../../kit/Form';
import { MomentInput } from '../../kit/MomentInput';
import { canHash, hashMaxBytes, sha256 } from '../../lib/fileHash';
import { formatBytes } from '../../lib/format';
import { Dialog } from '../../ui/Dialog';
import { toast } from '../../ui/toast';

const fields = ['note', 'at', 'proof.channel', 'proof.receiver', 'proof.number', 'proof.hash', 'proof.receipt', 'proof.file'];
const noProof: ProofOfSending = { channel: '', receiver: '', number: '', file: '', hash: '', size: 0, receipt: '' };

interface Props {
  obligation: Obligation;
  verb: Verb;
  onClose: () => void;
}

/** Records one step of an obligation: what happened, when, and the proof. */
export function StepDialog({ obligation: o, verb, onClose }: Props) {
  const { t, i18n } = useTranslation('obligations');
  const client = useQueryClient();
  const [at, setAt] = useState<string>();
  const [note, setNote] = useState('');
  const [proof, setProof] = useState(noProof);
  const [file, setFile] = useState<File | null>(null);
  const save = useMutation({
    mutationFn: () =>
      takeStep(o.id, {
        verb,
        version: o.version,
        ...(at !== undefined && { at }),
        ...(note.trim() !== '' && { note: note.trim() }),
        ...((verb === 'send' || verb === 'acknowledge') && { proof }),
      }),
    onSuccess: async () => {
      toast({ message: t('saved', { step: t(`did.${verb}`) }), autoClose: 5_000 });
      await obligationsChanged(client);
      onClose();
    },
  });
  const hash = useMutation({
    mutationFn: async (chosen: File) => ({ file: chosen.name, size: chosen.size, hash: await sha256(chosen) }),
    onSuccess: (known) => {
      setProof((old) => ({ ...old, ...known }));
    },
  });
  const fieldError = useFieldErrors(save.error);
  const set = (change: Partial<ProofOfSending>) => {
    setProof((old) => ({ ...old, ...change }));
  };
  const tooBig = file !== null && file.size > hashMaxBytes;
  const needsReason = verb === 'withdraw' || verb === 'back';
  return (
    <Dialog opened onClose={onClose} title={t(`verb.${verb}`)}>
      <Form error={save.error} fields={fields} submit={t(`verb.${verb}`)} busy={save.isPending || hash.isPending} danger={verb === 'withdraw'} onCancel={onClose} onSubmit={() => { save.mutate(); }}>
        <div>
          <Text size="sm" fw={600} className="la-wrap">
            {i18n.language === 'vi' ? o.titleVi : o.title}
          </Text>
          <Text size="sm">{t(`verbText.${verb}`)}</Text>
          {o.drill && (
            <Text size="sm" fw={600}>
              {t('drillText')}
            </Text>
          )}
        </div>
        {verb === 'send' && (
          <>
            <Select
              label={t('channel')}
              data={channels.map((value) => ({ value, label: t(`channels.${value}`) }))}
              value={proof.channel === '' ? null : proof.channel}
              error={fieldError('proof.channel')}
              onChange={(channel) => {
                set({ channel: channel ?? '' });
              }}
              data-autofocus
            />
            <TextInput
              label={t('receiver')}
              maxLength={300}
              value={proof.receiver}
              error={fieldError('proof.receiver')}
              onChange={(event) => {
                set({ receiver: event.currentTarget.value });
              }}
            />
            <TextInput
              label={t('number')}
              placeholder={t('numberHint')}
              maxLength={300}
              value={proof.number}
              error={fieldError('proof.number')}
              onChange={(event) => {
                set({ number: event.currentTarget.value });
              }}
            />
            {canHash() ? (
              <Stack gap={4}>
                <FileInput
                  label={t('file')}
                  description={t('fileHint')}
                  placeholder={t('fileChoose')}
                  clearable
                  clearButtonProps={{ 'aria-label': t('fileChoose') }}
                  value={file}
                  error={tooBig ? t('hashTooBig', { size: formatBytes(hashMaxBytes, i18n.language) }) : (fieldError('proof.hash') ?? fieldError('proof.file'))}
                  onChange={(chosen) => {
                    setFile(chosen);
                    set({ file: '', hash: '', size: 0 });
                    if (chosen && chosen.size <= hashMaxBytes) hash.mutate(chosen);
                  }}
                />
                {hash.isPending && <Text size="xs">{t('hashing')}</Text>}
                {proof.hash !== '' && (
                  <Text size="xs" className="la-mono la-wrap">
                    {t('hash')} {proof.hash}
                  </Text>
                )}
              </Stack>
            ) : (
              <Text size="xs" className="la-dim">
                {t('hashNot')}
              </Text>
            )}
          </>
        )}
        {verb === 'acknowledge' && (
          <TextInput
            label={t('receipt')}
            placeholder={t('receiptHint')}
            maxLength={300}
            data-autofocus
            value={proof.receipt}
            error={fieldError('proof.receipt')}
            onChange={(event) => {
              set({ receipt: event.currentTarget.value });
            }}
          />
        )}
        {verb !== 'note' && verb !== 'back' && <MomentInput label={t('at')} value={at} onChange={setAt} error={fieldError('at')} />}
        <Textarea
          label={needsReason ? t('reason') : t('note')}
          autosize
          minRows={2}
          maxRows={8}
          maxLength={4_000}
          value={note}
          error={fieldError('note')}
          onChange={(event) => {
            setNote(event.currentTarget.value);
          }}
        />
      </Form>
    </Dialog>
  );
}
