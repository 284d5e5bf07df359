-- Full pages of `since`: messages whose data changed within the page, but whose reactions changed after it.
CREATE INDEX messages_reacted_later ON messages (room_id, seqno_data) WHERE seqno_reactions > seqno_data;
